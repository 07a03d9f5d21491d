//! What the server answers: an ordered list of rules, of which the first that fits is taken.

use ninja_types::ProviderKind;
use serde::Deserialize;

use super::{asked::Asked, reply::Reply};

/// One line of a script.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use = "a rule is only followed in a script"]
pub struct Rule {
    /// Which requests it is for.
    #[serde(rename = "match")]
    pub when: When,
    /// How many requests it answers; `None`: all.
    pub times: Option<u32>,
    /// What it answers.
    pub reply: Reply,
}

/// Which requests a rule is for; what is not said fits all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// The wire format.
    pub kind: Option<ProviderKind>,
    /// The model that is asked.
    pub model: Option<String>,
    /// A text that the conversation holds, such as `[[t12 s3]]`.
    pub marker: Option<String>,
    /// A tool that is offered.
    pub tool: Option<String>,
    /// A piece of the path.
    pub path: Option<String>,
    /// The number of the call in its step, of `X-Client-Request-Id`: the same call is answered alike when it is repeated.
    pub call: Option<u32>,
}

impl Rule {
    /// A rule for every request.
    pub fn any(reply: Reply) -> Self {
        Self { reply, ..Self::default() }
    }

    /// Only for requests of this format.
    pub fn kind(mut self, kind: ProviderKind) -> Self {
        self.when.kind = Some(kind);
        self
    }

    /// Only for this model.
    pub fn model(mut self, model: &str) -> Self {
        self.when.model = Some(model.to_owned());
        self
    }

    /// Only for conversations that hold this text.
    pub fn marker(mut self, marker: &str) -> Self {
        self.when.marker = Some(marker.to_owned());
        self
    }

    /// Only where this tool is offered.
    pub fn tool(mut self, tool: &str) -> Self {
        self.when.tool = Some(tool.to_owned());
        self
    }

    /// Only for paths that hold this text.
    pub fn path(mut self, path: &str) -> Self {
        self.when.path = Some(path.to_owned());
        self
    }

    /// Only for the call of this number in its step.
    pub fn call(mut self, call: u32) -> Self {
        self.when.call = Some(call);
        self
    }

    /// Only so many times; later requests go on to the next rule.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only for the next request that fits.
    pub fn once(self) -> Self {
        self.times(1)
    }
}

impl When {
    fn fits(&self, asked: &Asked) -> bool {
        self.kind.is_none_or(|kind| kind == asked.kind)
            && self.model.as_ref().is_none_or(|model| *model == asked.model)
            && self.marker.as_ref().is_none_or(|marker| asked.says(marker))
            && self.tool.as_ref().is_none_or(|tool| asked.tools.iter().any(|t| t.name == *tool))
            && self.path.as_ref().is_none_or(|path| asked.path.contains(path))
            && self.call.is_none_or(|call| asked.call_no == Some(call))
    }
}

/// The rules that are left.
#[derive(Debug, Default)]
pub(super) struct Script(Vec<Rule>);

impl Script {
    pub(super) fn set(&mut self, rules: Vec<Rule>) {
        self.0 = rules;
    }

    pub(super) fn add(&mut self, rule: Rule) {
        self.0.push(rule);
    }

    /// The answer to a request; `None`: no rule is for it.
    pub(super) fn answer(&mut self, asked: &Asked) -> Option<Reply> {
        let fits = |rule: &&mut Rule| rule.times != Some(0) && rule.when.fits(asked);
        let rule = self.0.iter_mut().find(fits)?;
        if let Some(times) = &mut rule.times {
            *times -= 1;
        }
        Some(rule.reply.clone())
    }
}
