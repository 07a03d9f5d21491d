use actix_web::get;
use actix_web::web::{Data, Path};
use ninja_agents::AgentCard;

use super::card::{AgentView, CapabilityView};
use super::fleet::Fleet;
use crate::answer::{Found, List};
use crate::app::App;
use crate::caller::{AnyIdentity, Caller};
use crate::error::{ApiError, ApiResult};

/// Get an agent
#[utoipa::path(operation_id = "getAgent", tag = "agents", security(("bearer" = [])),
    params(("type" = String, Path, description = "The agent's type.")),
    responses((status = 200, body = AgentView)))]
#[get("/agents/{type}")]
#[tracing::instrument(name = "api.agents.get", skip_all)]
pub(crate) async fn get(
    app: Data<App>,
    _caller: Caller<AnyIdentity>,
    kind: Path<String>,
) -> ApiResult<Found<AgentView>> {
    let card = find(&app, &kind)?;
    Ok(Found(AgentView::of(&card, &Fleet::look(&app).await?)))
}

/// List the capabilities of an agent
///
/// With the JSON Schemas of what each takes and answers, and whether it can be had now.
#[utoipa::path(operation_id = "listCapabilities", tag = "agents", security(("bearer" = [])),
    params(("type" = String, Path, description = "The agent's type.")),
    responses((status = 200, body = List<CapabilityView>)))]
#[get("/agents/{type}/capabilities")]
#[tracing::instrument(name = "api.agents.capabilities", skip_all)]
pub(crate) async fn capabilities(
    app: Data<App>,
    _caller: Caller<AnyIdentity>,
    kind: Path<String>,
) -> ApiResult<List<CapabilityView>> {
    let agent = find(&app, &kind)?;
    let fleet = Fleet::look(&app).await?;
    let view = |one| CapabilityView::of(&agent, one, &fleet);
    Ok(List::full(agent.capabilities.iter().map(view).collect()))
}

fn find(app: &App, kind: &str) -> ApiResult<AgentCard> {
    let mut agents = app.agents.agents().into_iter();
    agents.find(|card| card.kind.as_str() == kind).ok_or_else(ApiError::not_found)
}
