use std::collections::BTreeMap;

use ninja_agents::{AgentCard, CapabilityCard, Need};
use ninja_db::providers;
use ninja_db::workers::{self, WorkerRow};
use ninja_types::{FailureCode, Pool};
use serde::Deserialize;

use crate::app::App;
use crate::error::ApiResult;

/// What the workers of this installation can do now, and what one of them proved within the last day.
pub(super) struct Fleet {
    alive: Vec<WorkerRow>,
    /// Some provider of models may be asked.
    has_model: bool,
    lately: Vec<String>,
}

/// A language as a worker published it in its row.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Published {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    pub(super) extensions: Vec<String>,
    /// `None`: written, never run.
    pub(super) version: Option<String>,
}

impl Fleet {
    pub(super) async fn look(app: &App) -> ApiResult<Self> {
        let mut conn = app.conn().await?;
        let alive = workers::alive(&mut conn).await?;
        let lately = workers::provided_lately(&mut conn).await?;
        let rows = providers::list(&mut conn).await?;
        let has_model = rows.iter().any(|provider| provider.enabled);
        Ok(Self { alive, has_model, lately })
    }

    /// How many live workers serve `pool`.
    pub(super) fn workers(&self, pool: Pool) -> usize {
        self.alive.iter().filter(|worker| worker.pools.iter().any(|p| p == pool.as_str())).count()
    }

    /// Why nobody can do it; `None`: somebody can, maybe after a pool was scaled up again.
    pub(super) fn unavailable(
        &self,
        agent: &AgentCard,
        capability: &CapabilityCard,
    ) -> Option<FailureCode> {
        if capability.model == Need::Required && !self.has_model {
            return Some(FailureCode::NoModel);
        }
        if capability.search {
            return Some(FailureCode::NoSearch);
        }
        let missing = |name: &str| !self.lately.iter().any(|there| there == name);
        if capability.requires().any(missing) {
            return Some(FailureCode::LanguageUnavailable);
        }
        let runs = agent.tools.iter().any(|tool| tool.starts_with("run_"));
        (runs && self.lately.is_empty()).then_some(FailureCode::SandboxUnavailable)
    }

    /// Every language that live workers published, by id, with each worker's word on it.
    pub(super) fn languages(&self) -> BTreeMap<String, Vec<Published>> {
        let mut languages: BTreeMap<String, Vec<Published>> = BTreeMap::new();
        for worker in &self.alive {
            let published = worker.sandbox.get("languages").cloned().unwrap_or_default();
            // A row of another version says it another way: that worker is left out, not the list.
            let published: Vec<Published> = serde_json::from_value(published).unwrap_or_default();
            for language in published {
                languages.entry(language.id.clone()).or_default().push(language);
            }
        }
        languages
    }
}
