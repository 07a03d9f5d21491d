//! Holds the providers against programs that are not ours, and measures what our own layer takes. Started by
//! `scripts/aimock.sh`, `scripts/real-model.sh` and `scripts/bench.sh`, which start the other side.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a tool for people and scripts")]

mod aimock;
mod ask;
mod overhead;
mod real_model;

use std::process::ExitCode;

const USAGE: &str = "usage: peer real-model URL | peer aimock PLAIN RATELIMIT DISCONNECT MALFORMED DROP | \
                     peer overhead URL CALLS_PER_SECOND SECONDS";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let failed = match words[..] {
        ["real-model", url] => real_model::check(url).await,
        ["aimock", plain, rate, disconnect, malformed, drop] => {
            aimock::check(plain, &[rate, disconnect, malformed, drop]).await
        }
        ["overhead", url, rate, seconds] => {
            let (rate, seconds) = (rate.parse(), seconds.parse());
            overhead::measure(url, rate.expect("calls a second"), seconds.expect("seconds")).await;
            0
        }
        _ => {
            println!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
