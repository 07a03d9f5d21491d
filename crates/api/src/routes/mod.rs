//! Every route. One folder per resource, one file per endpoint; a new endpoint is a new file and one line in its
//! folder's `mod.rs`.
//!
//! The document that these functions gather is the registry: permissions, 405s and the tests of authorisation come from
//! it. Read `auth/login.rs` first.

mod admin;
mod agents;
mod artifacts;
mod auth;
mod files;
mod models;
mod system;
pub(crate) mod tasks;
mod ws;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Where the API lives.
pub(crate) const BASE: &str = "/api/v1";

/// All routes, in the order in which they are matched: words before placeholders.
pub(crate) fn all(cfg: &mut ServiceConfig<'_>) {
    system::routes(cfg);
    ws::routes(cfg);
    cfg.service(scope(BASE).configure(|cfg: &mut ServiceConfig<'_>| {
        auth::routes(cfg);
        agents::routes(cfg);
        models::routes(cfg);
        admin::routes(cfg);
        tasks::routes(cfg);
        files::routes(cfg);
        artifacts::routes(cfg);
        ws::routes_below_base(cfg);
        system::routes_below_base(cfg);
    }));
}
