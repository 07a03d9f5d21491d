use std::time::Duration;

use actix_web::get;
use actix_web::web::Data;
use ninja_db::providers;
use ninja_queue::{Looked, Watched};
use ninja_types::Time;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::answer::List;
use crate::app::App;
use crate::caller::{AdminRead, Caller};
use crate::error::ApiResult;
use crate::routes::models::{names, settings};

/// How long Redis may take to say it.
const PATIENCE: Duration = Duration::from_secs(1);

/// How a model of a provider is, as the whole fleet knows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderHealth {
    provider_id: Uuid,
    provider: String,
    model: String,
    /// `closed`: it is asked. `open`: it failed too often. `half_open`: one call tries it. `cooling`: it asked to be left
    /// alone. `off`: its key, account or model is refused. `unknown`: Redis does not answer.
    state: &'static str,
    /// When it will be asked again.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>, required)]
    until: Option<Time>,
}

/// Tell how the providers of models are
#[utoipa::path(operation_id = "getProviderHealth", tag = "admin", security(("bearer" = ["admin:read"])), responses(
    (status = 200, body = List<ProviderHealth>),
))]
#[get("/admin/providers/health")]
#[tracing::instrument(name = "api.admin.provider_health", skip_all)]
pub(crate) async fn health(
    app: Data<App>,
    _caller: Caller<AdminRead>,
) -> ApiResult<List<ProviderHealth>> {
    let rows = providers::list(&mut *app.conn().await?).await?;
    let mut targets = Vec::new();
    for row in rows.into_iter().filter(|row| row.enabled) {
        let provider = settings(row)?;
        let named = names(&app, &provider);
        targets.extend(named.into_iter().map(|model| (provider.id, provider.name.clone(), model)));
    }
    let watched = |(provider, _, model): &(_, String, String)| Watched {
        provider: *provider,
        model: model.clone(),
    };
    let watched: Vec<Watched> = targets.iter().map(watched).collect();
    let looked = if watched.is_empty() {
        Vec::new()
    } else {
        app.queue.look(&watched, PATIENCE).await.unwrap_or_default()
    };
    let now = app.clock.now();
    let view = |(at, (id, provider, model)): (usize, (ninja_types::ProviderId, String, String))| {
        let (state, left) = looked.get(at).map_or(("unknown", None), |looked| word(*looked));
        let until = left.map(|left| Time(now + left));
        ProviderHealth { provider_id: id.0, provider, model, state, until }
    };
    Ok(List::full(targets.into_iter().enumerate().map(view).collect()))
}

fn word(looked: Looked) -> (&'static str, Option<Duration>) {
    match looked {
        Looked::Closed => ("closed", None),
        Looked::HalfOpen => ("half_open", None),
        Looked::Open(left) => ("open", Some(left)),
        Looked::Cooling(left) => ("cooling", Some(left)),
        Looked::Off(left) => ("off", Some(left)),
    }
}
