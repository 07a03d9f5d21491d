use ninja_tools::{
    GivenFile, ProgramResult, RunProgram, RunProgramArgs, Source, Tool, ToolContext, ToolError,
};
use ninja_types::{Failure, FailureCode};
use serde_json::{Value, json};

use crate::shop::Shop;

/// A program of these lines, beside a module that it may import.
fn program(text: &'static str) -> RunProgram {
    let shared = Source { path: "shared/words.py", text: "WORD = 'shared'\n" };
    let init = Source { path: "shared/__init__.py", text: "" };
    RunProgram { name: "it", sources: vec![Source { path: "it.py", text }, init, shared] }
}

async fn run(
    shop: &Shop,
    program: &RunProgram,
    files: Vec<GivenFile>,
) -> Result<ProgramResult, ToolError> {
    let args = RunProgramArgs {
        program: program.name.to_owned(),
        version: program.version(),
        input: json!({ "word": "grüße" }),
        files,
        timeout_s: 100,
    };
    let context = ToolContext { bench: &shop.bench, stop: &shop.stop, live: &shop.heard };
    program.run(&args, &context).await
}

async fn fails(text: &'static str) -> Failure {
    let shop = Shop::open().await;
    match run(&shop, &program(text), vec![]).await {
        Err(ToolError::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_program_reads_files_and_answers_with_files() {
    let shop = Shop::open().await;
    // A file of a user can be called like a module: it is none.
    let files = vec![shop.stored("input/json.py", "raise SystemExit(9)").await];
    let text = "import json, os, sys\n\
        from shared.words import WORD\n\
        said = json.load(sys.stdin)\n\
        os.makedirs('output/charts')\n\
        open('output/charts/a.csv', 'w').write('a\\n1\\n')\n\
        open('elsewhere.txt', 'w').write('lost')\n\
        print('warned', file=sys.stderr)\n\
        document = {'word': said['word'], 'shared': WORD, 'seed': os.environ['PYTHONHASHSEED'], \
        'given': os.listdir('input')}\n\
        open('output/result.json', 'w').write(json.dumps(document, ensure_ascii=False))\n";
    let made = run(&shop, &program(text), files).await.unwrap();
    let result = ninja_tools::read_stored(&shop.bench, &made.result.sha256, 1024).await.unwrap();
    let result: Value = serde_json::from_slice(&result.unwrap()).unwrap();
    let wanted = json!({ "word": "grüße", "shared": "shared", "seed": "0", "given": ["json.py"] });
    assert_eq!(result, wanted);
    let paths: Vec<_> = made.files.iter().map(|file| &*file.path).collect();
    assert_eq!(paths, ["charts/a.csv"]);
    assert_eq!(made.files[0].content_type, "text/csv");
    assert_eq!(made.stderr, "warned\n");
}

#[tokio::test]
async fn an_input_at_fault_is_told_as_the_program_tells_it() {
    let failure = fails(
        "import sys\n\
        open('output/error.json', 'w').write('{\"code\": \"empty_table\", \"message\": \"No rows.\", \"path\": \"/data\"}')\n\
        sys.exit(3)\n",
    )
    .await;
    assert_eq!((failure.code, &*failure.message), (FailureCode::InputInvalid, "No rows."));
    assert_eq!(failure.data, json!({ "reason": "empty_table", "path": "/data" }));
}

#[tokio::test]
async fn data_that_need_more_memory_than_there_is_are_too_large() {
    let failure = fails("bytearray(3 << 30)\n").await;
    assert_eq!(failure.code, FailureCode::InputInvalid, "{failure:?}");
    assert_eq!(failure.data["reason"], "dataset_too_large", "{failure:?}");
    assert_eq!(failure.data["limit"], "memory", "{failure:?}");
}

#[tokio::test]
async fn a_program_that_breaks_or_answers_nothing_is_our_fault() {
    for (text, code) in [
        ("raise KeyError('x')\n", json!(1)),
        ("print('well')\n", json!(0)),
        ("import sys; sys.exit(3)\n", json!(3)),
        ("open('output/error.json', 'w').write('{'); import sys; sys.exit(3)\n", json!(3)),
    ] {
        let failure = fails(text).await;
        assert_eq!(failure.code, FailureCode::Internal, "{failure:?}");
        assert_eq!(failure.data["reason"], "program_failed", "{failure:?}");
        assert_eq!(failure.data["exit_code"], code, "{failure:?}");
    }
    let failure = fails("raise KeyError('x')\n").await;
    assert!(failure.data["stderr"].as_str().unwrap().ends_with("KeyError: 'x'\n"), "{failure:?}");
}

#[test]
fn a_program_has_the_version_of_its_sources() {
    let (one, other) = (program("1\n"), program("2\n"));
    assert_eq!(one.version(), program("1\n").version());
    assert_ne!(one.version(), other.version());
}

#[tokio::test]
async fn the_libraries_of_this_worker_are_found_from_inside_the_sandbox() {
    let mut shop = Shop::open().await;
    let found = ninja_tools::packages(&shop.bench).await;
    let every: Vec<_> = ninja_tools::PACKAGES.iter().map(|package| package.name).collect();
    assert_eq!(found, every, "this machine has every library of the Analyst");
    shop.bench.sandbox = Err("No sandbox.".to_owned());
    assert_eq!(ninja_tools::packages(&shop.bench).await, [""; 0]);
}
