//! Against `@copilotkit/aimock`, which speaks the vendors' formats and is not ours.

use std::time::Duration;

use ninja_llm::{ChatRequest, ProviderError, Registry, Stop, ToolSpec};
use ninja_types::{ModelErrorClass, ProviderKind};
use serde_json::json;

use crate::ask::{Heard, request, target, told};

/// What the fixtures of `scripts/lib/aimock.json` answer.
const ANSWER: &str = "Hello from a server that is not ours, in several pieces.";

/// Each instance of the server is asked in every format. Gives the number of failures.
pub(crate) async fn check(plain: &str, faulty: &[&str; 4]) -> u32 {
    let registry = Registry::new(&ninja_egress::provider_client().expect("a client"));
    let mut failed = 0;
    for kind in ProviderKind::ALL {
        println!("-- format {kind}");
        let provider = registry.provider(*kind);
        let ask = async |root: &str, request: &ChatRequest| {
            let heard = Heard::default();
            let answer = provider.chat(&target(*kind, root, "gpt-4o"), request, &heard).await;
            (answer, heard.text())
        };
        let (answer, heard) = ask(plain, &request("say hello", 64)).await;
        match answer {
            Ok(answer) => {
                let holds =
                    answer.text == ANSWER && heard == ANSWER && answer.stop == Stop::Completed;
                told(
                    &mut failed,
                    "chat, streamed",
                    holds,
                    &format!("{:?} {:?}", answer.text, answer.stop),
                );
                let counted = answer.tokens.map(|tokens| (tokens.input, tokens.output));
                // For this one format the server says 0, which for a text that was written is no count.
                let wanted = (*kind != ProviderKind::Ollama).then_some((11, 13));
                told(&mut failed, "usage", counted == wanted, &format!("{counted:?}"));
            }
            Err(error) => told(&mut failed, "chat, streamed", false, &error.to_string()),
        }
        let (answer, _) = ask(plain, &with_tool()).await;
        match answer {
            Ok(answer) => {
                let call = answer.tool_calls.first();
                let holds = answer.stop == Stop::ToolCalls
                    && call.is_some_and(|call| call.arguments == json!({"city": "Paris"}));
                told(
                    &mut failed,
                    "a tool",
                    holds,
                    &format!("{:?} {:?}", answer.tool_calls, answer.stop),
                );
            }
            Err(error) => told(&mut failed, "a tool", false, &error.to_string()),
        }
        for (name, root) in ["ratelimit", "disconnect", "malformed", "drop"].iter().zip(faulty) {
            let (answer, _) = ask(root, &request("say hello", 64)).await;
            match answer {
                Ok(answer) => {
                    told(&mut failed, name, false, &format!("answered {:?}", answer.text));
                }
                Err(error) => {
                    let seen =
                        format!("{} {:?} {:?}", error.class, error.status, error.retry_after);
                    told(&mut failed, name, expected(name, &error), &seen);
                }
            }
        }
    }
    failed
}

fn with_tool() -> ChatRequest {
    let mut request = request("what is the weather", 64);
    request.tools.push(ToolSpec {
        name: "get_weather".to_owned(),
        description: "The weather of a city.".to_owned(),
        parameters: json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}),
    });
    request
}

fn expected(fault: &str, error: &ProviderError) -> bool {
    let second = Some(Duration::from_secs(1));
    match fault {
        "ratelimit" => error.class == ModelErrorClass::Rate && error.retry_after == second,
        "disconnect" => error.class == ModelErrorClass::Broken,
        "malformed" => {
            matches!(error.class, ModelErrorClass::Malformed | ModelErrorClass::Broken)
        }
        _ => error.class == ModelErrorClass::Server,
    }
}
