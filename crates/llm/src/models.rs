use std::sync::Arc;
use std::time::Instant;

use ninja_config::LlmConfig;
use ninja_types::ProviderKind;
use tokio_util::sync::CancellationToken;

use crate::answer::ChatAnswer;
use crate::call::Call;
use crate::chat::ChatRequest;
use crate::check::Shape;
use crate::deltas::CallDeltas;
use crate::error::{CallError, CallFault};
use crate::estimate;
use crate::outside::{Budget, HealthStore, ProviderSource, Rates};
use crate::price::{PriceError, PriceTable};
use crate::provider::Provider;
use crate::registry::Registry;
use crate::route;
use crate::telemetry;

/// The wire formats.
pub trait Wires: Send + Sync {
    /// The one that `kind` speaks.
    fn provider(&self, kind: ProviderKind) -> &dyn Provider;
}

impl Wires for Registry {
    fn provider(&self, kind: ProviderKind) -> &dyn Provider {
        Self::provider(self, kind)
    }
}

/// What this room asks of the process around it.
#[derive(Clone)]
pub struct Outside {
    /// Who may be asked.
    pub source: Arc<dyn ProviderSource>,
    /// What the fleet knows of their health.
    pub health: Arc<dyn HealthStore>,
    /// What their keys may do in a minute.
    pub rates: Arc<dyn Rates>,
}

/// The models, as the rest of the house sees them: a request goes in, an answer comes out, or the reason for none.
pub struct Models {
    pub(crate) outside: Outside,
    pub(crate) config: LlmConfig,
    pub(crate) wires: Arc<dyn Wires>,
    prices: PriceTable,
}

/// Who makes a call, and under what conditions.
#[derive(Clone)]
pub struct CallContext<'a> {
    /// Pays for it.
    pub budget: &'a dyn Budget,
    /// Shows its text as it appears.
    pub deltas: &'a dyn CallDeltas,
    /// Fires when it must end now.
    pub stop: &'a CancellationToken,
    /// When the caller has no more time for it.
    pub deadline: Instant,
    /// `<step>.<call>.<epoch>`: what providers are told to call it.
    pub request_id: String,
}

impl Models {
    /// Reads the prices, and asks through `http`, which `egress` built.
    pub fn new(
        outside: Outside,
        http: &reqwest::Client,
        config: LlmConfig,
    ) -> Result<Self, PriceError> {
        Self::with(outside, Arc::new(Registry::new(http)), config)
    }

    /// With wire formats of the caller's own.
    pub fn with(
        outside: Outside,
        wires: Arc<dyn Wires>,
        config: LlmConfig,
    ) -> Result<Self, PriceError> {
        let prices = PriceTable::load(&config.calls)?;
        Ok(Self { outside, config, wires, prices })
    }

    /// What models cost and can do.
    pub const fn prices(&self) -> &PriceTable {
        &self.prices
    }

    /// Asks until a model answers, or it is clear that none will. Nothing else in the product repeats a call to a model.
    pub async fn call(
        &self,
        request: &ChatRequest,
        context: &CallContext<'_>,
    ) -> Result<ChatAnswer, CallError> {
        let began = Instant::now();
        let input = estimate::of_request(request);
        let enabled = self.outside.source.enabled().await;
        let route = route::route(&self.config, &self.prices, &enabled, request, input);
        tracing::debug!(dropped = ?route.dropped, "models that are not asked");
        let mut call = Call::new(self, request, context, input);
        let outcome = match (Shape::of(request), route.candidates.is_empty()) {
            (Err(error), _) => Err(CallFault::Rejected(error)),
            (Ok(_), true) => Err(route.fault()),
            (Ok(shape), false) => {
                call.shape = shape;
                call.run(route.candidates).await
            }
        };
        telemetry::overhead(began.elapsed().saturating_sub(call.elsewhere));
        outcome.map_err(|fault| CallError {
            fault,
            charge: call.charge,
            attempts: std::mem::take(&mut call.attempts),
        })
    }
}
