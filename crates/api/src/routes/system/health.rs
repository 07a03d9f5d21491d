use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::caller::Public;
use crate::health::Database;

/// How the product is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthView {
    /// `ok`; `degraded` without Redis: everything works, notices come later; `down` without PostgreSQL.
    #[schema(example = "ok")]
    status: &'static str,
    version: &'static str,
    database: Database,
    /// `ok` or `down`.
    redis: &'static str,
    /// `ok` or `down`.
    file_store: &'static str,
    /// Live workers.
    workers: usize,
    /// Providers of models that may be asked.
    providers: usize,
}

/// Tell how the product is
#[utoipa::path(operation_id = "getHealth", tag = "system", security(()), responses(
    (status = 200, body = HealthView), (status = 503, body = HealthView, description = "PostgreSQL is gone or its schema is old"),
))]
#[get("/health")]
pub(crate) async fn health(app: Data<App>, _public: Public) -> HttpResponse {
    look(&app).await
}

/// Tell how the product is, below the base path
#[utoipa::path(operation_id = "getApiHealth", tag = "system", security(()), responses(
    (status = 200, body = HealthView), (status = 503, body = HealthView, description = "PostgreSQL is gone or its schema is old"),
))]
#[get("/health")]
pub(crate) async fn health_below_base(app: Data<App>, _public: Public) -> HttpResponse {
    look(&app).await
}

async fn look(app: &App) -> HttpResponse {
    let seen = app.health.look(app).await;
    let up = seen.database == Database::Ok;
    let word = |up: bool| if up { "ok" } else { "down" };
    let view = HealthView {
        status: if !up {
            "down"
        } else if seen.redis {
            "ok"
        } else {
            "degraded"
        },
        version: env!("CARGO_PKG_VERSION"),
        database: seen.database,
        redis: word(seen.redis),
        file_store: "ok",
        workers: seen.workers,
        providers: seen.providers,
    };
    if up { HttpResponse::Ok().json(view) } else { HttpResponse::ServiceUnavailable().json(view) }
}
