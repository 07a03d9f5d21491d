//! What can be asked of this installation: its agents, their capabilities, the languages that its workers run.

mod card;
mod fleet;
mod get;
mod languages;
mod list;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list::list);
    cfg.service(get::get);
    cfg.service(get::capabilities);
    cfg.service(languages::list);
}
