//! What tools work with, without engines: a real sandbox and a real file store in a folder of their own.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use ninja_config::WorkerSettings;
use ninja_files::Store;
use ninja_llm::{FixedProviders, LocalHealth, Models, NoRates, Outside, ProviderSettings};
use ninja_sandbox::Sandbox;
use ninja_tools::Bench;
use tempfile::TempDir;

/// A workbench that lives as long as this value.
pub struct TestBench {
    /// As a worker has it.
    pub bench: Bench,
    /// The models that may be asked: none, unless the test gave some.
    pub models: Models,
    _home: TempDir,
}

impl TestBench {
    /// Proves the sandbox, which takes some seconds.
    pub async fn open() -> Self {
        Self::with_models(Vec::new()).await
    }

    /// The same with providers of models.
    pub async fn with_models(providers: Vec<ProviderSettings>) -> Self {
        let home = tempfile::Builder::new().prefix("ninja-bench-").tempdir().expect("a folder");
        let open = Permissions::from_mode(0o711); // the sandbox's users pass through
        std::fs::set_permissions(home.path(), open).expect("the mode of our own folder");
        let settings = settings(&home);
        let config = settings.sandbox.clone();
        let proven = tokio::task::spawn_blocking(move || Sandbox::prove(&config)).await;
        let sandbox = proven.expect("a proof").expect("this machine can hold programs");
        let store = Store::open(&settings.files).await.expect("a file store");
        let models = models(&settings, providers);
        Self { bench: Bench { store, sandbox: Ok(Arc::new(sandbox)) }, models, _home: home }
    }

    /// Keeps `bytes` as an upload of this name would be kept, and answers their hash.
    pub async fn keep(&self, name: &str, bytes: Vec<u8>) -> String {
        let stored = self.bench.store.put_bytes(bytes.into(), name).await.expect("stored");
        stored.sha256.to_string()
    }

    /// The bytes with this hash.
    pub async fn read(&self, sha256: &str) -> Vec<u8> {
        let key = sha256.parse().expect("a hash");
        let reading = self.bench.store.read(&key, None).await.expect("they are there");
        let pieces: Vec<_> = reading.stream.try_collect().await.expect("they can be read");
        pieces.concat()
    }
}

/// Health and rates are those of this process.
fn models(settings: &WorkerSettings, providers: Vec<ProviderSettings>) -> Models {
    let outside = Outside {
        source: Arc::new(FixedProviders::new(providers)),
        health: Arc::new(LocalHealth::default()),
        rates: Arc::new(NoRates),
    };
    let http = ninja_egress::provider_client().expect("an HTTP client");
    Models::new(outside, &http, settings.llm.clone()).expect("the prices can be read")
}

fn settings(home: &TempDir) -> WorkerSettings {
    let at = |folder: &str| home.path().join(folder).to_string_lossy().into_owned();
    let (runs, files) = (at("runs"), at("files"));
    // One test tries all languages of the machine, the others believe it.
    let languages = std::env::current_exe().unwrap_or_default().with_file_name("languages.json");
    let languages = languages.to_string_lossy();
    let pairs = [
        ("NINJA_DATABASE__URL", "postgres://nobody@localhost/none"),
        ("NINJA_REDIS__URL", "redis://localhost"),
        ("NINJA_SANDBOX__ROOT", &runs),
        ("NINJA_SANDBOX__FREE_FLOOR", "1048576"),
        ("NINJA_SANDBOX__LANGUAGES_FILE", &languages),
        ("NINJA_FILES__ROOT", &files),
    ];
    let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
    WorkerSettings::load(pairs).expect("these settings are right")
}
