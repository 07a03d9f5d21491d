use std::path::PathBuf;

use url::Url;

use crate::fault::Faults;
use crate::kinds::Seconds;
use crate::reader::Reader;
use crate::section::{Place, Section, Table, default, optional, section};
use crate::setting::{List, Setting};

section! {
    /// `NINJA_LLM__*`: how models are asked. Which providers there are, and their keys, is said elsewhere.
    CallsConfig {
        /// What may be asked at all: `provider`, `provider/model` or `provider/begin*`. Empty: everything that is configured. A wall, also for a task that pins a model.
        allow: List<ModelPattern> = optional("anthropic,openai/gpt-5*");
        /// Whether a task that pins a model fails with it. Else the models of its tier follow.
        pin_is_exact: bool = default(&["false"]);
        /// How long one call may wait in place, in all, for a provider that is busy when there is no other.
        wait_in_call_seconds: Seconds = default(&["8"]);
        /// How long a provider may be silent before it begins to answer.
        first_byte_seconds: Seconds = default(&["60"]);
        /// How long it may be silent in the middle of an answer.
        idle_seconds: Seconds = default(&["60"]);
        /// How long one answer may take.
        call_seconds: Seconds = default(&["300"]);
        /// Millionths of a dollar for a million tokens read by a model whose price is not known. Never 0.
        assumed_input_price: u64 = default(&["15000000"]);
        /// The same for tokens written.
        assumed_output_price: u64 = default(&["75000000"]);
        /// A file of prices in the form of `crates/llm/data/prices.toml`. Its entries win.
        prices_file: Option<PathBuf> = optional("/etc/ninja/prices.toml");
    }
    rules rules
}

section! {
    /// `NINJA_LLM__MODELS__*`: which models stand for a tier, the first choice first. Defaults of 2026-11-22; a provider that is not configured is passed over.
    ModelsConfig {
        /// To condense and classify.
        small: List<ModelName> = default(&["anthropic/claude-haiku-4-5,openai/gpt-5.4-mini,google/gemini-3.5-flash-lite,deepseek/deepseek-flash"]);
        /// The steps of tasks.
        standard: List<ModelName> = default(&["anthropic/claude-sonnet-5,openai/gpt-5.4,google/gemini-3.8-flash,deepseek/deepseek-v4-pro"]);
        /// To plan, for hard steps and long contexts.
        large: List<ModelName> = default(&["anthropic/claude-opus-5,openai/gpt-5.4,google/gemini-3.8-flash,deepseek/deepseek-v4-pro"]);
    }
}

section! {
    /// `NINJA_LLM__OLLAMA__*`: an Ollama server that nobody configured.
    OllamaConfig {
        /// Whether it is looked for.
        discover: bool = default(&["true"]);
        /// Where.
        discover_urls: List<Url> = default(&["http://127.0.0.1:11434/,http://ollama:11434/"]);
        /// How often.
        discover_seconds: Seconds = default(&["60"]);
        /// Tokens of context that a model is asked to hold, at most. Its own default cuts longer prompts in silence.
        context_tokens: u64 = default(&["32768"]);
    }
}

/// How models are asked: calls, tiers, Ollama.
#[derive(Clone, Debug)]
pub struct LlmConfig {
    /// One call.
    pub calls: CallsConfig,
    /// Models by tier.
    pub models: ModelsConfig,
    /// Ollama.
    pub ollama: OllamaConfig,
}

const CALLS: Place = Place::new("llm");
const MODELS: Place = Place::new("llm.models");
const OLLAMA: Place = Place::new("llm.ollama");

impl Section for LlmConfig {
    fn read(reader: &mut Reader, _at: Place) -> Option<Self> {
        let calls = CallsConfig::read(reader, CALLS);
        let models = ModelsConfig::read(reader, MODELS);
        let ollama = OllamaConfig::read(reader, OLLAMA);
        Some(Self { calls: calls?, models: models?, ollama: ollama? })
    }

    fn tables(_at: Place) -> Vec<Table> {
        [CallsConfig::tables(CALLS), ModelsConfig::tables(MODELS), OllamaConfig::tables(OLLAMA)]
            .concat()
    }
}

impl LlmConfig {
    /// Reads this section alone: for tools and tests.
    pub fn load(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, Faults> {
        let mut reader = Reader::new(pairs);
        match Self::read(&mut reader, CALLS) {
            Some(config) if reader.faults().is_empty() => Ok(config),
            _ => Err(reader.into_faults()),
        }
    }
}

fn rules(calls: &CallsConfig, at: Place, faults: &mut Faults) {
    for (price, name) in [
        (calls.assumed_input_price, "assumed_input_price"),
        (calls.assumed_output_price, "assumed_output_price"),
    ] {
        if price == 0 {
            faults.say(at.variable(name), "must be above 0: an unknown price is not none");
        }
    }
    let spans = [
        (calls.first_byte_seconds, "first_byte_seconds"),
        (calls.idle_seconds, "idle_seconds"),
        (calls.call_seconds, "call_seconds"),
    ];
    for (span, name) in spans {
        if span.duration().is_zero() {
            faults.say(at.variable(name), "must be above 0");
        }
    }
}

/// `provider/model`, split at the first slash: names of models may hold more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelName {
    /// The provider's name.
    pub provider: String,
    /// The model, as the provider calls it.
    pub model: String,
}

impl Setting for ModelName {
    const KIND: &'static str = "provider/model";

    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => {
                Ok(Self { provider: provider.to_owned(), model: model.to_owned() })
            }
            _ => Err("must be models such as openai/gpt-5.4-mini".to_owned()),
        }
    }
}

/// Which models of a provider: all, one, or those whose names begin so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelPattern {
    provider: String,
    model: Option<String>,
}

impl ModelPattern {
    /// Whether the model is one of them.
    pub fn covers(&self, provider: &str, model: &str) -> bool {
        let fits = |pattern: &String| match pattern.strip_suffix('*') {
            Some(begin) => model.starts_with(begin),
            None => model == pattern,
        };
        self.provider == provider && self.model.as_ref().is_none_or(fits)
    }
}

impl Setting for ModelPattern {
    const KIND: &'static str = "provider, or provider/model";

    fn parse(text: &str) -> Result<Self, String> {
        let (provider, model) = match text.split_once('/') {
            Some((provider, model)) => (provider, Some(model)),
            None => (text, None),
        };
        if provider.is_empty() || model.is_some_and(str::is_empty) {
            return Err("must be providers or models such as openai or openai/gpt-5*".to_owned());
        }
        Ok(Self { provider: provider.to_owned(), model: model.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowed_model_is_named_whole_or_by_its_beginning_or_by_its_provider() {
        let covers = |pattern: &str, provider: &str, model: &str| {
            ModelPattern::parse(pattern).unwrap().covers(provider, model)
        };
        assert!(covers("openai", "openai", "gpt-5"));
        assert!(covers("openai/gpt-5*", "openai", "gpt-5-mini"));
        assert!(covers("router/meta/llama", "router", "meta/llama"));
        assert!(!covers("openai/gpt-5", "openai", "gpt-5-mini"));
        assert!(!covers("openai", "openai-eu", "gpt-5"));
        assert!(ModelPattern::parse("/gpt").is_err() && ModelPattern::parse("openai/").is_err());
    }

    #[test]
    fn the_defaults_of_the_tiers_name_models() {
        let config = LlmConfig::load(std::iter::empty()).unwrap();
        assert!(config.models.small.len() > 1 && config.models.large.len() > 1);
        assert!(config.calls.allow.is_empty());
    }
}
