//! Which models can be asked, for everybody: what administrators see of it, without addresses and keys.

mod list;
mod providers;

pub(crate) use list::{names, settings};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list::list);
    cfg.service(providers::list);
}
