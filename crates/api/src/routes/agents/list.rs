use actix_web::get;
use actix_web::web::Data;

use super::card::AgentView;
use super::fleet::Fleet;
use crate::answer::List;
use crate::app::App;
use crate::caller::{AnyIdentity, Caller};
use crate::error::ApiResult;

/// List agents
///
/// Those of this build, each with what its live workers can do now.
#[utoipa::path(operation_id = "listAgents", tag = "agents", security(("bearer" = [])), responses(
    (status = 200, body = List<AgentView>),
))]
#[get("/agents")]
#[tracing::instrument(name = "api.agents.list", skip_all)]
pub(crate) async fn list(
    app: Data<App>,
    _caller: Caller<AnyIdentity>,
) -> ApiResult<List<AgentView>> {
    let fleet = Fleet::look(&app).await?;
    Ok(List::full(app.agents.agents().iter().map(|card| AgentView::of(card, &fleet)).collect()))
}
