use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::Found;
use crate::app::App;
use crate::caller::Public;
use crate::error::{ApiError, ApiResult};

/// The process lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LiveView {
    live: bool,
}

/// Tell whether the process lives
///
/// No dependency is asked: a restart would not bring PostgreSQL back.
#[utoipa::path(operation_id = "getLivez", tag = "system", security(()), responses((status = 200, body = LiveView)))]
#[get("/livez")]
pub(crate) async fn livez(app: Data<App>, _public: Public) -> ApiResult<Found<LiveView>> {
    if app.health.is_alive() {
        return Ok(Found(LiveView { live: true }));
    }
    Err(ApiError::internal("the executor did not run for 10 seconds"))
}
