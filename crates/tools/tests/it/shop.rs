//! A workbench in a folder of its own, and short words for running programs on it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::TryStreamExt;
use ninja_config::WorkerSettings;
use ninja_files::Store;
use ninja_sandbox::Sandbox;
use ninja_tools::{
    Bench, Content, GivenFile, Live, RunCode, RunCodeArgs, RunResult, Tool, ToolContext, ToolError,
};
use ninja_types::DeltaStream;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub(crate) struct Shop {
    pub(crate) bench: Bench,
    pub(crate) stop: CancellationToken,
    pub(crate) heard: Heard,
    _home: TempDir,
}

/// What a program said while it ran.
#[derive(Default)]
pub(crate) struct Heard(Mutex<Vec<(DeltaStream, String)>>);

#[async_trait]
impl Live for Heard {
    async fn say(&self, stream: DeltaStream, text: String) {
        self.0.lock().unwrap().push((stream, text));
    }
}

impl Heard {
    pub(crate) fn all(&self, wanted: DeltaStream) -> String {
        let heard = self.0.lock().unwrap();
        heard.iter().filter(|(stream, _)| *stream == wanted).map(|(_, text)| &**text).collect()
    }
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let home = tempfile::tempdir().unwrap();
        // Slot users must be able to pass it.
        std::fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
        let settings = settings(&home);
        let sandbox = tokio::task::spawn_blocking({
            let config = settings.sandbox.clone();
            move || Sandbox::prove(&config)
        });
        let sandbox = sandbox.await.unwrap().expect("this machine can hold programs");
        let store = Store::open(&settings.files).await.unwrap();
        let bench = Bench { store, sandbox: Ok(Arc::new(sandbox)) };
        Self { bench, stop: CancellationToken::new(), heard: Heard::default(), _home: home }
    }

    pub(crate) async fn run(&self, args: &RunCodeArgs) -> Result<RunResult, ToolError> {
        let context = ToolContext { bench: &self.bench, stop: &self.stop, live: &self.heard };
        RunCode.run(args, &context).await
    }

    /// Stores `text` and gives it to a program as `path`.
    pub(crate) async fn stored(&self, path: &str, text: &str) -> GivenFile {
        let stored = self.bench.store.put_bytes(text.to_owned().into(), path).await.unwrap();
        let content = Content::Stored { sha256: stored.sha256.to_string() };
        GivenFile { path: path.to_owned(), content }
    }

    /// Reads back what a program made.
    pub(crate) async fn read(&self, result: &RunResult, path: &str) -> String {
        let made = result.files.iter().find(|file| file.path == path).expect("the file was made");
        let reading = self.bench.store.read(&made.sha256.parse().unwrap(), None).await.unwrap();
        let pieces: Vec<_> = reading.stream.try_collect().await.unwrap();
        String::from_utf8(pieces.concat()).unwrap()
    }
}

pub(crate) fn code(language: &str, code: &str) -> RunCodeArgs {
    RunCodeArgs {
        language: language.to_owned(),
        code: Some(code.to_owned()),
        entry: None,
        stdin: String::new(),
        args: vec![],
        files: vec![],
        timeout_s: 20,
    }
}

fn settings(home: &TempDir) -> WorkerSettings {
    let at = |folder: &str| home.path().join(folder).to_string_lossy().into_owned();
    let (runs, files) = (at("runs"), at("files"));
    // One test tries all languages of the machine, the others believe it.
    let languages = std::env::current_exe().unwrap().with_file_name("languages.json");
    let languages = languages.to_string_lossy();
    let pairs = [
        ("NINJA_DATABASE__URL", "postgres://nobody@localhost/none"),
        ("NINJA_REDIS__URL", "redis://localhost"),
        ("NINJA_SANDBOX__ROOT", &runs),
        ("NINJA_SANDBOX__FREE_FLOOR", "1048576"),
        ("NINJA_SANDBOX__LANGUAGES_FILE", &languages),
        ("NINJA_FILES__ROOT", &files),
    ];
    let pairs = pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned()));
    WorkerSettings::load(pairs).unwrap()
}
