use secrecy::SecretString;
use url::Url;

use crate::fault::Faults;
use crate::section::{Place, optional, section};
use crate::setting::List;

section! {
    /// `NINJA_PROVIDERS__*`: providers of models that the operator sets for every worker. Over HTTP they can be seen and
    /// not changed. Administrators may add others: `docs/providers.md`.
    ProvidersConfig {
        /// Key for OpenAI.
        openai_api_key: Option<SecretString> = optional("");
        /// Where OpenAI is asked instead of at its own address.
        openai_base_url: Option<Url> = optional("https://eu.api.openai.com/v1/");
        /// Key for Anthropic.
        anthropic_api_key: Option<SecretString> = optional("");
        /// Where Anthropic is asked instead of at its own address.
        anthropic_base_url: Option<Url> = optional("https://gateway.example.org/anthropic/v1/");
        /// Key for Google Gemini.
        google_api_key: Option<SecretString> = optional("");
        /// Where Google is asked instead of at its own address.
        google_base_url: Option<Url> = optional("https://gateway.example.org/google/v1beta/");
        /// Key for DeepSeek.
        deepseek_api_key: Option<SecretString> = optional("");
        /// Where DeepSeek is asked instead of at its own address.
        deepseek_base_url: Option<Url> = optional("https://gateway.example.org/deepseek/v1/");
        /// An Ollama server. One at its usual port is found without this.
        ollama_base_url: Option<Url> = optional("http://10.0.0.7:11434/");
        /// Any other server that speaks OpenAI's format: llama.cpp, vLLM, LiteLLM, OpenRouter.
        compatible_base_url: Option<Url> = optional("http://10.0.0.8:8000/v1/");
        /// Its key, if it asks for one.
        compatible_api_key: Option<SecretString> = optional("");
        /// Its name in `provider/model`. Left out: compatible.
        compatible_name: Option<String> = optional("local");
        /// Its models.
        compatible_models: List<String> = optional("qwen3-8b");
        /// Whether its calls cost nothing.
        compatible_self_hosted: Option<bool> = optional("true");
    }
    rules rules
}

fn rules(providers: &ProvidersConfig, at: Place, faults: &mut Faults) {
    if let Some(name) = &providers.compatible_name {
        let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let inner = |b: u8| letter(b) || matches!(b, b'.' | b'_' | b'-');
        if name.len() > 63 || !name.bytes().all(inner) || !name.bytes().next().is_some_and(letter) {
            faults.say(
                at.variable("compatible_name"),
                "must be 1 to 63 small letters, digits, dots, - or _, a letter or digit first",
            );
        }
        if ["openai", "anthropic", "google", "deepseek", "ollama"].contains(&name.as_str()) {
            faults.say(at.variable("compatible_name"), "must not be the name of another provider");
        }
    }
    if providers.compatible_base_url.is_none() && providers.compatible_api_key.is_some() {
        faults.say(
            at.variable("compatible_base_url"),
            "is missing: NINJA_PROVIDERS__COMPATIBLE_API_KEY is set",
        );
    }
}
