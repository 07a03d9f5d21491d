use actix_web::{HttpResponse, get};

use crate::caller::Public;
use crate::error::{ApiError, ApiResult};

/// Describe the API
#[utoipa::path(operation_id = "getOpenApi", tag = "system", security(()), responses(
    (status = 200, body = serde_json::Value, description = "This document, OpenAPI 3.1"),
))]
#[get("/openapi.json")]
pub(crate) async fn openapi(_public: Public) -> ApiResult<HttpResponse> {
    let document = crate::openapi().to_json().map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(document))
}
