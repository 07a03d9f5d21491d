//! Files that tasks made.

mod content;
mod get;
mod list;
mod view;
mod zip;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list::list);
    cfg.service(zip::zip);
    cfg.service(get::get);
    cfg.service(content::content);
}
