use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::caller::Public;
use crate::health::Database;

/// Whether to send requests here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyView {
    ready: bool,
    /// What is away that is not needed: `redis`.
    degraded: Vec<&'static str>,
    /// Why it is not ready: `draining`, `database`, `schema`.
    missing: Vec<&'static str>,
}

/// Tell whether to send requests here
#[utoipa::path(operation_id = "getReadyz", tag = "system", security(()), responses(
    (status = 200, body = ReadyView), (status = 503, body = ReadyView, description = "Draining, PostgreSQL is gone, or its schema is old"),
))]
#[get("/readyz")]
pub(crate) async fn readyz(app: Data<App>, _public: Public) -> HttpResponse {
    let seen = app.health.look(&app).await;
    let mut missing = Vec::new();
    if app.draining.is_cancelled() {
        missing.push("draining");
    }
    match seen.database {
        Database::Ok => {}
        Database::OldSchema => missing.push("schema"),
        Database::Down => missing.push("database"),
    }
    let degraded = if seen.redis { vec![] } else { vec!["redis"] };
    let view = ReadyView { ready: missing.is_empty(), degraded, missing };
    if view.ready {
        HttpResponse::Ok().json(view)
    } else {
        HttpResponse::ServiceUnavailable().json(view)
    }
}
