use ninja_types::{ProviderId, ProviderKind};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::outside::RateLimits;

/// One provider as the operator or an admin configured it, its key opened.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Of its row; made from the name for one of the configuration.
    pub id: ProviderId,
    /// Its wire format.
    pub kind: ProviderKind,
    /// As `provider/model` names it: the kind, or for a compatible one its own name.
    pub name: String,
    /// Ends with a slash.
    pub base_url: Url,
    /// `None`: the server asks for none.
    pub key: Option<SecretString>,
    /// What is known of its models beyond the price table.
    pub models: Vec<ModelSettings>,
    /// Its calls cost nothing.
    pub self_hosted: bool,
    /// Lower comes first where no list names an order.
    pub priority: i32,
    /// What its key may do, over the whole fleet.
    pub limits: RateLimits,
    /// Where it was configured.
    pub source: Source,
}

/// Where a provider was configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// By the operator; read-only over HTTP.
    Config,
    /// By an admin.
    Database,
    /// It was found on its usual port.
    Discovered,
}

/// One model of a provider, where it is not, or not rightly, in the price table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSettings {
    /// As the provider calls it.
    pub name: String,
    /// What it can do; `None`: as in the price table.
    #[serde(default)]
    pub features: Option<Features>,
    /// What it costs; `None`: as in the price table.
    #[serde(default)]
    pub prices: Option<Prices>,
}

/// What a model can do.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, in files and rows")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Features {
    /// It calls tools.
    #[serde(default)]
    pub tools: bool,
    /// It obeys a JSON Schema.
    #[serde(default)]
    pub json_schema: bool,
    /// It sees pictures.
    #[serde(default)]
    pub vision: bool,
    /// It reasons before it answers.
    #[serde(default)]
    pub reasoning: bool,
    /// Tokens of its window.
    pub context_tokens: u64,
    /// Tokens that one answer may have.
    pub max_output_tokens: u32,
}

impl Default for Features {
    /// What is assumed of a model that nobody knows.
    fn default() -> Self {
        Self {
            tools: false,
            json_schema: false,
            vision: false,
            reasoning: false,
            context_tokens: 8_192,
            max_output_tokens: 2_048,
        }
    }
}

/// Micro-dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Read.
    pub input: u64,
    /// Written; reasoning is.
    pub output: u64,
    /// Read from the cache.
    #[serde(default)]
    pub cache_read: Option<u64>,
    /// Written to the cache of five minutes.
    #[serde(default)]
    pub cache_write_5m: Option<u64>,
    /// Written to the cache of an hour.
    #[serde(default)]
    pub cache_write_1h: Option<u64>,
}
