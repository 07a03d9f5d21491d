use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use crate::app::App;
use crate::caller::Collector;
use crate::error::ApiResult;

/// Give the metrics to a collector
///
/// For administrators, or with the token of `NINJA_METRICS__TOKEN`.
#[utoipa::path(operation_id = "getMetrics", tag = "system", security(("metrics" = [])), responses(
    (status = 200, body = String, content_type = "text/plain", description = "Prometheus text"),
))]
#[get("/metrics")]
pub(crate) async fn metrics(app: Data<App>, _collector: Collector) -> ApiResult<HttpResponse> {
    crate::gauges::refresh(&app).await;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(app.metrics.render()))
}
