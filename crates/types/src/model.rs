use crate::names::named;

named! {
    /// Whose wire format a provider speaks.
    ProviderKind ("kind of provider") {
        /// OpenAI.
        OpenAi = "openai",
        /// Anthropic.
        Anthropic = "anthropic",
        /// Google Gemini.
        Google = "google",
        /// DeepSeek.
        DeepSeek = "deepseek",
        /// An Ollama server.
        Ollama = "ollama",
        /// Any other server that speaks OpenAI's format.
        Compatible = "compatible",
    }
}

named! {
    /// How much of a model a piece of work needs. Callers name a tier, never a model.
    Tier ("tier") {
        /// To condense, to classify.
        Small = "small",
        /// The steps of a task.
        Standard = "standard",
        /// To plan, hard steps, long contexts.
        Large = "large",
    }
}

named! {
    /// How an attempt to get an answer from a model ended without one: decides what happens next, nothing else does.
    ModelErrorClass ("class of a model error") {
        /// The key is refused.
        Auth = "auth",
        /// The account is out of money.
        Billing = "billing",
        /// Too many requests or tokens.
        Rate = "rate",
        /// The provider has no capacity.
        Overloaded = "overloaded",
        /// The provider is at fault.
        Server = "server",
        /// No connection in time.
        TimeoutConnect = "timeout_connect",
        /// Connected, and then nothing.
        TimeoutFirstByte = "timeout_first_byte",
        /// The stream fell silent.
        TimeoutIdle = "timeout_idle",
        /// The stream was cut, or could not be established.
        Broken = "broken",
        /// The request is longer than the model's window.
        ContextLength = "context_length",
        /// The provider will not answer this.
        ContentFilter = "content_filter",
        /// There is no such model.
        NotFound = "not_found",
        /// The provider does not understand the request.
        BadRequest = "bad_request",
        /// The answer is none: broken JSON, a schema that does not hold, cut short.
        Malformed = "malformed",
    }
}
