use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Found;
use crate::app::App;
use crate::caller::Public;

/// Where to go from here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RootView {
    message: &'static str,
    version: &'static str,
    /// `ok`, or `draining`.
    status: &'static str,
    docs: &'static str,
    openapi: &'static str,
    websocket: &'static str,
}

/// Say who answers
#[utoipa::path(operation_id = "getRoot", tag = "system", security(()), responses((status = 200, body = RootView)))]
#[get("/")]
pub(crate) async fn root(app: Data<App>, _public: Public) -> Found<RootView> {
    Found(RootView {
        message: "iTechSmart Ninja",
        version: env!("CARGO_PKG_VERSION"),
        status: if app.draining.is_cancelled() { "draining" } else { "ok" },
        docs: "/docs",
        openapi: "/openapi.json",
        websocket: "/ws",
    })
}
