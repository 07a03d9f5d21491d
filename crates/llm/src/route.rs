use ninja_config::{LlmConfig, ModelName};
use ninja_types::{ProviderKind, Tier};

use crate::chat::{ChatRequest, Message, ModelRef, Part};
use crate::error::CallFault;
use crate::price::{Price, PriceTable};
use crate::provider::TargetKey;
use crate::settings::{Features, ProviderSettings};

/// Tokens that an answer has room for at least, if its budget is short: a shorter one is worth nothing.
pub(crate) const LEAST_OUTPUT: u32 = 512;

/// One model that may be asked.
#[derive(Clone, Debug)]
pub(crate) struct Candidate<'a> {
    /// Its provider.
    pub(crate) provider: &'a ProviderSettings,
    pub(crate) model: String,
    pub(crate) features: Features,
    pub(crate) price: Price,
}

/// Who is asked, in their order, and who is not.
#[derive(Debug, Default)]
pub(crate) struct Route<'a> {
    pub(crate) candidates: Vec<Candidate<'a>>,
    pub(crate) dropped: Vec<(String, &'static str)>,
}

/// What a request needs of a model.
struct Needs {
    tools: bool,
    vision: bool,
    input: u64,
    output: u32,
}

impl Candidate<'_> {
    /// As `provider/model` names it.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.provider.name, self.model)
    }

    /// What its health is kept under.
    pub(crate) fn key(&self) -> TargetKey {
        TargetKey { provider: self.provider.id, model: self.model.clone() }
    }

    /// Tokens that an answer of it may have, if `asked` are asked for.
    pub(crate) fn longest(&self, asked: u32) -> u32 {
        asked.min(self.features.max_output_tokens).max(1)
    }

    /// Tokens that an answer of it must have room for.
    pub(crate) fn shortest(&self, asked: u32) -> u32 {
        self.longest(asked).min(LEAST_OUTPUT)
    }
}

/// Finds who may answer `request` of `input` tokens: the pinned model, then its tier's list, then what no list names.
pub(crate) fn route<'a>(
    config: &LlmConfig,
    table: &PriceTable,
    enabled: &'a [ProviderSettings],
    request: &ChatRequest,
    input: u64,
) -> Route<'a> {
    let needs = Needs::of(request, input);
    let mut route = Route::default();
    let mut seen: Vec<ModelRef> = Vec::new();
    for name in names(config, enabled, request) {
        if seen.contains(&name) {
            continue;
        }
        match candidate(config, table, enabled, &name, &needs) {
            Ok(candidate) => route.candidates.push(candidate),
            Err(reason) => route.dropped.push((name.to_string(), reason)),
        }
        seen.push(name);
    }
    route
}

impl Route<'_> {
    /// Why nobody can be asked, where there is no candidate.
    pub(crate) fn fault(self) -> CallFault {
        let all = |reasons: &[&str]| self.dropped.iter().all(|(_, why)| reasons.contains(why));
        if all(&[DISABLED, NOT_ALLOWED]) {
            CallFault::NoModel
        } else if all(&[DISABLED, NOT_ALLOWED, LACKS_CONTEXT]) {
            CallFault::ContextTooLong
        } else {
            CallFault::Unfit(self.dropped)
        }
    }
}

const DISABLED: &str = "disabled";
const NOT_ALLOWED: &str = "not_allowed";
const LACKS_TOOLS: &str = "lacks_tools";
const LACKS_VISION: &str = "lacks_vision";
const LACKS_CONTEXT: &str = "lacks_context";

fn names(config: &LlmConfig, enabled: &[ProviderSettings], request: &ChatRequest) -> Vec<ModelRef> {
    let mut names: Vec<ModelRef> = request.model.iter().cloned().collect();
    if request.model.is_some() && config.calls.pin_is_exact {
        return names;
    }
    let list = match request.tier {
        Tier::Small => &config.models.small,
        Tier::Standard => &config.models.standard,
        Tier::Large => &config.models.large,
    };
    names.extend(list.iter().map(reference));
    // A server of one's own, or one that was found, serves every tier without being named in the lists.
    let mut unnamed: Vec<_> = enabled.iter().collect();
    unnamed.retain(|provider| !list.iter().any(|name| name.provider == provider.name));
    unnamed.sort_by_key(|provider| provider.priority);
    names.extend(unnamed.into_iter().flat_map(|provider| {
        let of = |model: &crate::ModelSettings| ModelRef {
            provider: provider.name.clone(),
            model: model.name.clone(),
        };
        provider.models.iter().map(of)
    }));
    names
}

fn reference(name: &ModelName) -> ModelRef {
    ModelRef { provider: name.provider.clone(), model: name.model.clone() }
}

fn candidate<'a>(
    config: &LlmConfig,
    table: &PriceTable,
    enabled: &'a [ProviderSettings],
    name: &ModelRef,
    needs: &Needs,
) -> Result<Candidate<'a>, &'static str> {
    let provider = enabled.iter().find(|one| one.name == name.provider).ok_or(DISABLED)?;
    let allow = &config.calls.allow;
    if !allow.is_empty() && !allow.iter().any(|one| one.covers(&name.provider, &name.model)) {
        return Err(NOT_ALLOWED);
    }
    let mut features = table.features(provider, &name.model);
    if provider.kind == ProviderKind::Ollama {
        // It holds as much as it is asked to, and cuts the rest off in silence.
        features.context_tokens = features.context_tokens.min(config.ollama.context_tokens);
    }
    if needs.tools && !features.tools {
        return Err(LACKS_TOOLS);
    }
    if needs.vision && !features.vision {
        return Err(LACKS_VISION);
    }
    let output = u64::from(needs.output.min(features.max_output_tokens));
    if needs.input.saturating_add(output) > features.context_tokens {
        return Err(LACKS_CONTEXT);
    }
    let price = table.price(provider, &name.model);
    Ok(Candidate { provider, model: name.model.clone(), features, price })
}

impl Needs {
    fn of(request: &ChatRequest, input: u64) -> Self {
        let picture = |part: &Part| matches!(part, Part::Image { .. });
        let shows = |message: &Message| match message {
            Message::User { parts } => parts.iter().any(picture),
            _ => false,
        };
        Self {
            tools: !request.tools.is_empty(),
            vision: request.messages.iter().any(shows),
            input,
            output: request.max_output_tokens,
        }
    }
}

#[cfg(test)]
mod tests;
