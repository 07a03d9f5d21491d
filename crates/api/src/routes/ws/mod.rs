//! Sockets: a ticket for browsers, and the upgrade. What is said on an open one stands in `sockets/`.

mod connect;
mod tickets;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(connect::connect);
    cfg.service(connect::connect_as);
}

pub(crate) fn routes_below_base(cfg: &mut ServiceConfig<'_>) {
    cfg.service(tickets::create);
    cfg.service(connect::connect_below_base);
}
