//! Runs one program in the sandbox, as a worker would, and shows its output live:
//! `NINJA_SANDBOX__ROOT=/tmp/runs run python3 -c 'print(1)'`. With no program: prints the proof.

use std::io::{Write, stderr, stdout};
use std::sync::Arc;

use ninja_config::WorkerSettings;
use ninja_sandbox::{RunSpec, Sandbox, Stream};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // As a worker does first of all: nobody of its user may look into it.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // The worker's settings want the engines too; a single run talks to neither.
    let engines = [
        ("NINJA_DATABASE__URL", "postgres://nobody@localhost/none"),
        ("NINJA_REDIS__URL", "redis://localhost"),
    ];
    let engines = engines.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = WorkerSettings::load(std::env::vars().chain(engines))
        .map_err(|faults| format!("{faults:?}"))?;
    let sandbox = Sandbox::prove(&settings.sandbox)?;
    let argv: Vec<_> = std::env::args_os().skip(1).collect();
    if argv.is_empty() {
        writeln!(stdout(), "{}", serde_json::to_string_pretty(sandbox.report())?)?;
        writeln!(stdout(), "{}", serde_json::to_string_pretty(&sandbox.published())?)?;
        return Ok(());
    }
    let limits = sandbox.run_limits();
    let workspace = Arc::new(sandbox.workspace(limits.disk).await?);
    let (live, mut chunks) = mpsc::channel(64);
    let run =
        sandbox.run(RunSpec::new(workspace, argv, limits), CancellationToken::new(), Some(live));
    let show = async {
        while let Some(chunk) = chunks.recv().await {
            match chunk.stream {
                Stream::Stdout => stdout().write_all(&chunk.bytes)?,
                Stream::Stderr => stderr().write_all(&chunk.bytes)?,
            }
            stdout().flush()?;
        }
        std::io::Result::Ok(())
    };
    let (outcome, shown) = tokio::join!(run, show);
    shown?;
    let outcome = outcome?;
    writeln!(stderr(), "{:?} {:?} {:?}", outcome.end, outcome.killed, outcome.usage)?;
    Ok(())
}
