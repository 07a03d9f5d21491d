//! What is hurt while it is watched. These tests run one after another.

mod deaf;
mod live;
