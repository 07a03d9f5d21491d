//! Every language that is said to work does, and its faults are seen.

use std::sync::Arc;

use ninja_sandbox::{End, LANGUAGES, RunSpec, Set};

use crate::cage::{Cage, put};

/// Compiles and runs a source file as far as it goes, and answers the last outcome.
async fn run(
    cage: &Cage,
    language: &ninja_sandbox::Language,
    source: &str,
) -> ninja_sandbox::Outcome {
    let workspace = cage.workspace().await;
    put(&workspace, language.source, source);
    let limits = cage.sandbox.compile_limits();
    let mut last = None;
    for argv in language.compile.iter().chain([&language.run]) {
        let mut spec = RunSpec::new(Arc::clone(&workspace), argv(&limits), limits);
        spec.language = Some(language.id.to_owned());
        let outcome = cage.run(spec).await.unwrap();
        let failed = !outcome.success();
        last = Some(outcome);
        if failed {
            break;
        }
    }
    last.unwrap()
}

in_every_tier! {
    async fn every_language_says_hello_and_a_broken_program_fails_and_says_why(cage: &Cage) {
        // 48, without the HTTP half. Nothing is known from other tests: each is compiled here and now.
        let cage = &Cage::fresh(cage.place);
        assert!(cage.sandbox.report().unusable.is_empty(), "{:?}", cage.sandbox.report().unusable);
        let ids = cage.sandbox.provides();
        for slim in LANGUAGES.iter().filter(|language| language.set == Set::Slim) {
            assert!(ids.iter().any(|id| id == slim.id), "{} is not installed: {ids:?}", slim.id);
        }
        let broken = cage.sandbox.languages().iter().map(async |installed| {
            let language = installed.language;
            let last = run(cage, language, language.hello_broken.0).await;
            assert!(!last.success() && !last.stderr.text().is_empty(), "{}: {last:?}", language.id);
        });
        futures_util::future::join_all(broken).await;
        for language in &cage.sandbox.published().languages {
            assert!(language.version.as_ref().is_some_and(|version| version != "unknown"), "{language:?}");
        }
    }

    async fn a_compiler_reads_no_more_than_a_program(cage: &Cage) {
        // 41
        let c = "#include \"/etc/shadow\"\nint main(void) { return 0; }\n";
        let rust = "const S: &str = include_str!(\"/etc/shadow\");\nfn main() { print!(\"{S}\"); }\n";
        let nim = "const s = staticExec(\"cat /etc/shadow\")\nstatic: doAssert s == \"\"\n\
                   doAssert \"root:\" notin s\nquit(1)\n";
        for (id, source) in [("c", c), ("rust", rust), ("nim", nim)] {
            let Some(installed) = cage.sandbox.language(id) else { continue };
            let last = run(cage, installed.language, source).await;
            assert!(!last.success() && !last.stdout.text().contains("root:"), "{id}: {last:?}");
            assert!(!last.stderr.text().contains("root:"), "{id}: {last:?}");
        }
    }

    async fn a_program_that_does_not_exist_was_not_executed(cage: &Cage) {
        let outcome = cage.run(cage.spec(&["no-such-program"]).await).await.unwrap();
        assert_eq!(outcome.end, End::NotExecuted { errno: 2 });
        assert!(!outcome.success());
    }

    async fn the_programs_of_analysis_import_and_draw(cage: &Cage) {
        let mut spec = cage.python_spec(include_str!("programs/analysis.py")).await;
        for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"] {
            spec.env.insert(name.to_owned(), "1".to_owned());
        }
        spec.language = Some("python".to_owned());
        spec.limits.memory_bytes = 2 * 1024 * crate::cage::MIB;
        spec.limits.cpu_s = 200; // the same program, measured: some seconds where nothing else runs
        let workspace = spec.workspace.clone();
        let outcome = cage.run(spec).await.unwrap();
        assert!(outcome.success(), "{} {outcome:?}", outcome.stderr.text());
        // A warning would stand in front of every user's.
        assert_eq!((outcome.stdout.text().as_str(), outcome.stderr.text().as_str()), ("1 2.0\n", ""));
        let files = workspace.collect().unwrap().files;
        let made: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(made, ["chart.png", "chart.svg", "main.py", "table.xlsx"]);
        assert!(files[0].bytes > 1000 && files[1].bytes > 1000);
    }
}
