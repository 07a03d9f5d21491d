use serde_json::Value;

use super::{
    asked::{Asked, example, tokens},
    reply::{Call, Reply, Report, Stop, Usage},
};

/// What is answered, with everything decided that a script may leave open.
#[derive(Debug)]
pub(super) struct Answer {
    /// Names the answer.
    pub(super) number: u64,
    pub(super) reasoning: Vec<String>,
    pub(super) text: Vec<String>,
    pub(super) calls: Vec<Called>,
    pub(super) stop: Stop,
    /// `None`: not reported.
    pub(super) usage: Option<Usage>,
}

#[derive(Debug)]
pub(super) struct Called {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: Value,
    /// As a text, in the pieces in which it is sent.
    pub(super) pieces: Vec<String>,
}

impl Answer {
    pub(super) fn new(number: u64, asked: &Asked, reply: &Reply) -> Self {
        let scripted =
            reply.text.is_some() || reply.reasoning.is_some() || !reply.tool_calls.is_empty();
        let called = reply.tool_calls.iter().enumerate();
        let called = called.map(|(index, call)| Called::new(number, index, call));
        let mut answer = Self {
            number,
            reasoning: split(reply.reasoning.as_deref().unwrap_or_default(), reply.chunks),
            text: split(reply.text.as_deref().unwrap_or_default(), reply.chunks),
            calls: called.collect(),
            stop: Stop::Completed,
            usage: None,
        };
        let cut = !scripted && answer.echo(asked, reply.chunks);
        answer.stop = match &reply.stop {
            Some(stop) => stop.clone(),
            None if cut => Stop::MaxTokens,
            None if !answer.calls.is_empty() => Stop::ToolCalls,
            None => Stop::Completed,
        };
        answer.usage = match reply.usage {
            Report::True => Some(answer.counted(asked)),
            Report::None => None,
            Report::Given(usage) => Some(usage),
        };
        answer
    }

    /// Answers what was asked for, in the plainest way: a call if there must be one, a JSON value for a schema, else
    /// the last words of the user, cut at the limit. Says whether it cut.
    fn echo(&mut self, asked: &Asked, chunks: usize) -> bool {
        if let Some(tool) = asked.tools.first().filter(|_| asked.must_call) {
            let arguments = example(&tool.parameters);
            let call = Call { name: tool.name.clone(), arguments, ..Call::default() };
            self.calls = vec![Called::new(self.number, 0, &call)];
            return false;
        }
        let whole = match &asked.schema {
            Some(schema) => example(schema).to_string(),
            None => format!("echo: {}", asked.last_user),
        };
        let limit = asked.max_tokens.and_then(|limit| usize::try_from(limit * 4).ok());
        let kept = whole.floor_char_boundary(limit.unwrap_or(whole.len()));
        self.text = split(&whole[..kept], chunks);
        kept < whole.len()
    }

    fn counted(&self, asked: &Asked) -> Usage {
        let reasoning = tokens(&self.reasoning.concat());
        let calls = self.calls.iter().map(|call| tokens(&call.name) + tokens(&call.text()));
        let output = reasoning + tokens(&self.text.concat()) + calls.sum::<u64>();
        Usage { input: asked.tokens(), output, reasoning, ..Usage::default() }
    }
}

impl Called {
    /// The call of this place in an answer.
    fn new(answer: u64, index: usize, call: &Call) -> Self {
        let text = call.raw_arguments.clone().unwrap_or_else(|| call.arguments.to_string());
        let middle = text.floor_char_boundary(text.len() / 2);
        let pieces = [&text[..middle], &text[middle..]];
        let pieces = pieces.iter().filter(|piece| !piece.is_empty());
        Self {
            id: call.id.clone().unwrap_or_else(|| format!("call_{answer}_{index}")),
            name: call.name.clone(),
            arguments: call.arguments.clone(),
            pieces: pieces.map(|&piece| piece.to_owned()).collect(),
        }
    }

    /// The arguments as they are sent.
    pub(super) fn text(&self) -> String {
        self.pieces.concat()
    }
}

/// `text` in so many pieces; 0: one of each word.
fn split(text: &str, pieces: usize) -> Vec<String> {
    if pieces == 0 {
        return text.split_inclusive(' ').map(str::to_owned).collect();
    }
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(letters.len().div_ceil(pieces).max(1))
        .map(|piece| piece.iter().collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_text_is_cut_into_pieces_that_make_it_again() {
        for pieces in 0..9 {
            assert_eq!(split("où est le café ?", pieces).concat(), "où est le café ?");
        }
        assert_eq!(split("abcdef", 3), ["ab", "cd", "ef"]);
        assert!(split("", 3).is_empty());
    }
}
