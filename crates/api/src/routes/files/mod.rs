//! Uploads. A file comes in streamed, is looked at, and is kept under its hash before a row names it. Read `intake.rs`
//! first.

mod delete;
mod download;
mod get;
mod intake;
mod list;
mod preview;
mod upload;
mod upload_multiple;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(upload::upload);
    cfg.service(upload_multiple::upload_multiple);
    cfg.service(list::list);
    cfg.service(get::get);
    cfg.service(download::download);
    cfg.service(preview::preview);
    cfg.service(delete::delete);
}
