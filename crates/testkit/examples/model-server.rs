//! The scripted model server by hand: `model-server [--port N] [--script FILE] [--lean]`. It prints its addresses and
//! serves until it is ended. `GET /control/ledger`, `GET /control/count` and `POST /control/script` speak to it.
//! With `--lean` it keeps no bodies, for measurements.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a tool for people and scripts")]

use ninja_testkit::{ModelServer, model_server::Rule};
use ninja_types::ProviderKind;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut port, mut script, mut lean) = (0, None, false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--port" => port = arguments.next().and_then(|n| n.parse().ok()).expect("a port"),
            "--script" => script = Some(arguments.next().expect("a file")),
            "--lean" => lean = true,
            _ => return println!("usage: model-server [--port N] [--script FILE] [--lean]"),
        }
    }
    let mut server = ModelServer::start_on(port).await;
    server.forgive();
    if let Some(file) = script {
        let text = std::fs::read_to_string(file).expect("a script that can be read");
        let rules: Vec<Rule> = serde_json::from_str(&text).expect("a list of rules");
        server.script(rules);
    }
    if lean {
        server.without_bodies();
    }
    for kind in ProviderKind::ALL {
        println!("{kind} {}", server.url(*kind));
    }
    std::future::pending::<()>().await;
}
