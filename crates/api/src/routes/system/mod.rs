//! What the process says about itself.

mod docs;
mod errors;
mod health;
mod livez;
mod metrics;
mod openapi;
mod readyz;
mod root;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(root::root);
    cfg.service(health::health);
    cfg.service(livez::livez);
    cfg.service(readyz::readyz);
    cfg.service(metrics::metrics);
    cfg.service(openapi::openapi);
    cfg.service(errors::errors);
    cfg.service(docs::page);
    cfg.service(docs::asset);
}

pub(crate) fn routes_below_base(cfg: &mut ServiceConfig<'_>) {
    cfg.service(health::health_below_base);
}
