//! The one door out. Every HTTP client of the product is built here, so that none obeys a proxy of the environment,
//! follows a redirect that nobody checked, or repeats a request by itself.
//!
//! What does not live here: what is said through the door.

mod operator;

pub use operator::{OperatorUrlError, check_operator_url, provider_client};
