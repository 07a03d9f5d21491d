//! What our own layer takes of a call, at a steady rate, against the scripted server in a process of its own.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, SharedString, Unit};
use ninja_llm::{
    Budget, CallContext, Features, FixedProviders, Granted, LocalHealth, ModelSettings, Models,
    NoDeltas, NoRates, Outside, ProviderSettings, RateLimits, Refused, Source, WorstCase,
};
use ninja_types::{ProviderId, ProviderKind};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::ask::request;

/// Grants everything.
struct Rich;

#[async_trait]
impl Budget for Rich {
    async fn reserve(&self, worst: &WorstCase) -> Result<Granted, Refused> {
        Ok(worst.most)
    }

    async fn extend(&self, worst: &WorstCase) -> Result<Granted, Refused> {
        Ok(worst.most)
    }
}

/// Keeps the values of one histogram.
#[derive(Default)]
struct Values(Mutex<Vec<f64>>);

impl HistogramFn for Values {
    fn record(&self, value: f64) {
        self.0.lock().expect("nobody panicked with it").push(value);
    }
}

struct Recorder(Arc<Values>);

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        match key.name() {
            "ninja_model_overhead_seconds" => Histogram::from_arc(Arc::clone(&self.0)),
            _ => Histogram::noop(),
        }
    }
}

/// Makes `rate` calls a second for so many seconds, and prints what they took.
pub(crate) async fn measure(root: &str, rate: u64, seconds: u64) {
    let values = Arc::new(Values::default());
    let first = metrics::set_global_recorder(Recorder(Arc::clone(&values))).is_ok();
    assert!(first, "another recorder was there before");
    let models = Arc::new(models(root));
    // Connections are made and code is warm before anything counts.
    drive(&models, rate.min(200), 2).await;
    values.0.lock().expect("nobody panicked with it").clear();
    let began = Instant::now();
    let (mut whole, failed) = drive(&models, rate, seconds).await;
    let took = began.elapsed().as_secs_f64();
    let mut own = std::mem::take(&mut *values.0.lock().expect("nobody panicked with it"));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    println!("profile        {profile}");
    println!("calls          {} in {took:.1} s, {failed} failed", whole.len());
    println!("asked for      {rate} calls/s for {seconds} s");
    println!("own overhead   {}", told(&mut own));
    println!(
        "whole call     {}  (with HTTP and the scripted server on the same machine)",
        told(&mut whole)
    );
    println!("load           {}", load.trim());
}

/// p50, p99 and the longest, in milliseconds.
fn told(seconds: &mut [f64]) -> String {
    seconds.sort_by(f64::total_cmp);
    let at = |percent: usize| {
        let place = (seconds.len() * percent / 100).min(seconds.len().saturating_sub(1));
        seconds.get(place).copied().unwrap_or(f64::NAN) * 1_000.0
    };
    format!("p50 {:.3} ms  p99 {:.3} ms  max {:.3} ms", at(50), at(99), at(100))
}

async fn drive(models: &Arc<Models>, rate: u64, seconds: u64) -> (Vec<f64>, usize) {
    let took = Arc::new(Mutex::new(Vec::new()));
    let failed = Arc::new(Mutex::new(0));
    let tracker = TaskTracker::new();
    let mut tick = tokio::time::interval(
        Duration::from_secs(1).div_f64(u32::try_from(rate).map_or(1.0, f64::from)),
    );
    for number in 0..rate * seconds {
        tick.tick().await;
        let (models, took, failed) = (Arc::clone(models), Arc::clone(&took), Arc::clone(&failed));
        tracker.spawn(async move {
            let stop = CancellationToken::new();
            let context = CallContext {
                budget: &Rich,
                deltas: &NoDeltas,
                stop: &stop,
                deadline: Instant::now() + Duration::from_mins(1),
                request_id: format!("peer.{number}.1"),
            };
            let began = Instant::now();
            let answer = models.call(&request("Say something short.", 256), &context).await;
            match answer {
                Ok(_) => took.lock().expect("nobody panicked").push(began.elapsed().as_secs_f64()),
                Err(_) => *failed.lock().expect("nobody panicked") += 1,
            }
        });
    }
    tracker.close();
    tracker.wait().await;
    let took = std::mem::take(&mut *took.lock().expect("nobody panicked"));
    let failed = *failed.lock().expect("nobody panicked");
    (took, failed)
}

fn models(root: &str) -> Models {
    let features =
        Features { context_tokens: 131_072, max_output_tokens: 8_192, ..Features::default() };
    let model =
        ModelSettings { name: "scripted".to_owned(), features: Some(features), prices: None };
    let provider = ProviderSettings {
        id: ProviderId::new(),
        kind: ProviderKind::Compatible,
        name: "scripted".to_owned(),
        base_url: format!("{}/compatible/v1/", root.trim_end_matches('/'))
            .parse()
            .expect("an address"),
        key: Some("sk-nobody".into()),
        models: vec![model],
        self_hosted: true,
        priority: 0,
        limits: RateLimits::default(),
        source: Source::Config,
    };
    let outside = Outside {
        source: Arc::new(FixedProviders::new(vec![provider])),
        health: Arc::new(LocalHealth::default()),
        rates: Arc::new(NoRates),
    };
    let pairs = [("NINJA_LLM__MODELS__STANDARD".to_owned(), "scripted/scripted".to_owned())];
    let config = ninja_config::LlmConfig::load(pairs.into_iter()).expect("a configuration");
    let http = ninja_egress::provider_client().expect("a client");
    Models::new(outside, &http, config).expect("the prices")
}
