use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::post;
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder};
use ninja_db::providers::{self, ProviderRow};
use ninja_queue::{Heard, ProviderNews};
use ninja_types::{JobId, ProviderId};
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::view::{ProviderTest, test_view};
use crate::app::App;
use crate::caller::{AdminWrite, Caller};
use crate::error::{ApiError, ApiResult};
use crate::extract::Id;

/// How long an administrator waits for a worker; then the result comes with the provider, later.
const PATIENCE: Duration = Duration::from_secs(15);

/// A test that has not ended yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestUnderWay {
    /// Always `testing`: the result will be `last_test` of the provider.
    status: &'static str,
}

/// Test a provider of models
///
/// A worker asks it for its models, for an answer of eight tokens, for a call of a tool and for JSON of a given shape. It
/// costs what these calls cost.
#[utoipa::path(operation_id = "testProvider", tag = "admin", security(("bearer" = ["admin:write"])),
    params(("id" = uuid::Uuid, Path, description = "The provider")),
    responses(
        (status = 200, body = ProviderTest),
        (status = 202, body = TestUnderWay, description = "No worker has ended it within 15 seconds"),
    ))]
#[post("/admin/providers/{id}/test")]
#[tracing::instrument(name = "api.admin.test_provider", skip_all, fields(user_id = %caller.id, provider_id = %id))]
pub(crate) async fn test(
    app: Data<App>,
    caller: Caller<AdminWrite>,
    Id(id): Id<ProviderId>,
) -> ApiResult<impl Responder> {
    let heard = app.hub.hear(); // before the job is there: what is told at once must not be missed
    let act = caller.act("provider.test");
    let (job, push) = {
        let conn = &mut *app.conn().await?;
        if providers::find(conn, id).await?.is_none() {
            return Err(ApiError::not_found());
        }
        providers::ask_test(conn, id, caller.id, &act).await?
    };
    app.push(&[push]);
    Ok(match wait(&app, heard, id, job).await? {
        Some(outcome) => HttpResponse::Ok().json(outcome),
        None => HttpResponse::build(StatusCode::ACCEPTED).json(TestUnderWay { status: "testing" }),
    })
}

/// What the test stored, as soon as it is told; `None`: it takes longer.
async fn wait(
    app: &App,
    mut heard: Receiver<Heard>,
    id: ProviderId,
    job: JobId,
) -> ApiResult<Option<ProviderTest>> {
    let end = Instant::now() + PATIENCE;
    loop {
        let told = tokio::select! {
            told = heard.recv() => told,
            () = tokio::time::sleep_until(end) => return outcome(app, id, job).await,
            () = app.closing.cancelled() => return Ok(None),
        };
        let mine = match told {
            Ok(Heard::Providers(ProviderNews::Tested(tested))) => tested == job,
            Ok(Heard::Resync) | Err(RecvError::Lagged(_)) => true,
            Ok(_) => false,
            Err(RecvError::Closed) => return Ok(None),
        };
        if mine && let Some(outcome) = outcome(app, id, job).await? {
            return Ok(Some(outcome));
        }
    }
}

async fn outcome(app: &App, id: ProviderId, job: JobId) -> ApiResult<Option<ProviderTest>> {
    let row = providers::find(&mut *app.conn().await?, id).await?;
    let row: ProviderRow = row.ok_or_else(ApiError::not_found)?;
    let stored = row.last_test.filter(|of| of["job_id"] == job.to_string());
    Ok(stored.and_then(test_view))
}
