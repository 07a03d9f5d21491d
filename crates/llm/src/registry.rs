use ninja_types::ProviderKind;

use crate::provider::Provider;
use crate::providers::genai_wire::Wire;
use crate::providers::ollama::Ollama;
use crate::providers::{anthropic, compatible, deepseek, google, ollama, openai};

/// Every kind of provider, ready to be asked.
pub struct Registry {
    openai: Wire,
    anthropic: Wire,
    google: Wire,
    deepseek: Wire,
    ollama: Ollama,
    compatible: Wire,
}

impl Registry {
    /// All of them ask through `http`, which `egress` built.
    pub fn new(http: &reqwest::Client) -> Self {
        Self {
            openai: Wire::new(&openai::DIALECT, http),
            anthropic: Wire::new(&anthropic::DIALECT, http),
            google: Wire::new(&google::DIALECT, http),
            deepseek: Wire::new(&deepseek::DIALECT, http),
            ollama: Ollama::new(http),
            compatible: Wire::new(&compatible::DIALECT, http),
        }
    }

    /// The one that speaks the format of `kind`.
    pub fn provider(&self, kind: ProviderKind) -> &dyn Provider {
        match kind {
            ProviderKind::OpenAi => &self.openai,
            ProviderKind::Anthropic => &self.anthropic,
            ProviderKind::Google => &self.google,
            ProviderKind::DeepSeek => &self.deepseek,
            ProviderKind::Ollama => &self.ollama,
            ProviderKind::Compatible => &self.compatible,
        }
    }
}

/// What the settings of one kind of provider need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindInfo {
    /// Which.
    pub kind: ProviderKind,
    /// As people call it.
    pub title: &'static str,
    /// Taken where none is set; `None`: one must be set.
    pub default_base_url: Option<&'static str>,
    /// Whether it has a key.
    pub key: Need,
    /// Whether it has a name of its own, so that there can be several.
    pub name: Need,
    /// Whether its models are listed in its settings.
    pub models: Need,
}

/// Whether a field is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must be.
    Required,
    /// It may be.
    Optional,
    /// It must not be.
    Refused,
}

/// Every kind, in the order of the contract.
pub const fn catalogue() -> [KindInfo; 6] {
    [openai::INFO, anthropic::INFO, google::INFO, deepseek::INFO, ollama::INFO, compatible::INFO]
}

/// What is known of `kind`.
pub fn kind_info(kind: ProviderKind) -> KindInfo {
    match kind {
        ProviderKind::OpenAi => openai::INFO,
        ProviderKind::Anthropic => anthropic::INFO,
        ProviderKind::Google => google::INFO,
        ProviderKind::DeepSeek => deepseek::INFO,
        ProviderKind::Ollama => ollama::INFO,
        ProviderKind::Compatible => compatible::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_in_the_catalogue_and_is_spoken() {
        let registry = Registry::new(&ninja_egress::provider_client().unwrap());
        let kinds: Vec<ProviderKind> = catalogue().iter().map(|info| info.kind).collect();
        assert_eq!(kinds, ProviderKind::ALL);
        for kind in ProviderKind::ALL {
            assert_eq!(registry.provider(*kind).kind(), *kind);
            assert_eq!(kind_info(*kind).kind, *kind);
        }
    }

    #[test]
    fn every_default_address_ends_with_a_slash_and_may_be_asked() {
        for info in catalogue() {
            let Some(url) = info.default_base_url else { continue };
            assert!(url.ends_with('/'), "{url}");
            assert_eq!(ninja_egress::check_operator_url(&url.parse().unwrap()), Ok(()));
        }
    }
}
