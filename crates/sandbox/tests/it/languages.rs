//! Every language that is said to work does, and its faults are seen.

use std::sync::Arc;

use ninja_sandbox::{End, RunSpec};

use crate::cage::{Cage, put};

#[tokio::test]
async fn a_broken_program_of_every_language_fails_and_says_why() {
    // 48, without the HTTP half
    let cage = Cage::new();
    let ids = cage.sandbox.provides();
    for id in ["python", "bash", "javascript", "c"] {
        assert!(ids.iter().any(|known| known == id), "{id}: {:?}", cage.sandbox.report().unusable);
    }
    for installed in cage.sandbox.languages() {
        let language = installed.language;
        let workspace = cage.workspace().await;
        put(&workspace, language.source, language.hello_broken.0);
        let limits = cage.sandbox.compile_limits();
        let argvs = language.compile.iter().chain([&language.run]).map(|argv| argv(&limits));
        let mut last = None;
        for argv in argvs {
            let mut spec = RunSpec::new(Arc::clone(&workspace), argv, limits);
            spec.language = Some(language.id.to_owned());
            let outcome = cage.run(spec).await.unwrap();
            let failed = !outcome.success();
            last = Some(outcome);
            if failed {
                break;
            }
        }
        let last = last.unwrap();
        assert!(!last.success() && !last.stderr.text().is_empty(), "{}: {last:?}", language.id);
    }
}

#[tokio::test]
async fn a_program_that_does_not_exist_was_not_executed() {
    let cage = Cage::new();
    let outcome = cage.run(cage.spec(&["no-such-program"]).await).await.unwrap();
    assert_eq!(outcome.end, End::NotExecuted { errno: 2 });
    assert!(!outcome.success());
}
