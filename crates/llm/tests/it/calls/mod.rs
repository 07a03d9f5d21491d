//! The one loop: what is tried in which order, what is paid, what is shown. Providers are scripted here; that they speak
//! right is shown by `conformance`.

mod bench;
mod budget;
mod fallback;
mod midstream;
mod one_loop;
mod shape;
mod waiting;
