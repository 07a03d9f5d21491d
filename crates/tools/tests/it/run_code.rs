use insta::assert_snapshot;
use ninja_tools::{Content, GivenFile, RunCodeArgs, RunResult, RunStatus, ToolError};
use ninja_types::{DeltaStream, FailureCode};

use crate::shop::{Shop, code};

/// Status and files of a result, without figures that differ from run to run.
fn told(result: &RunResult) -> String {
    let file = |f: &ninja_tools::MadeFile| format!("{} {} {}", f.path, f.size, f.content_type);
    let files: Vec<_> = result.files.iter().map(file).collect();
    format!(
        "{:?} cause {:?} exit {:?} out {:?} err {:?} files {files:?}",
        result.status, result.cause, result.exit_code, result.stdout, result.stderr,
    )
}

#[tokio::test]
async fn a_program_reads_what_it_was_given_and_only_what_it_made_comes_back() {
    let shop = Shop::open().await;
    let program = "import json\n\
        rows = open('data/in.csv').read().split()\n\
        open('notes.txt', 'a').write('seen')\n\
        open('out.json', 'w').write(json.dumps({'rows': len(rows)}))\n\
        print('grüße')\n";
    let text = |path: &str, text: &str| GivenFile {
        path: path.to_owned(),
        content: Content::Text { text: text.to_owned() },
    };
    let files = vec![
        shop.stored("data/in.csv", "a\n1\n2\n").await,
        text("notes.txt", "not "),
        text("same.txt", "x"),
    ];
    let result = shop.run(&RunCodeArgs { files, ..code("py", program) }).await.unwrap();
    assert_snapshot!(told(&result), @r#"Ok cause None exit Some(0) out "grüße\n" err "" files ["notes.txt 8 text/plain", "out.json 11 application/json"]"#);
    assert_eq!(shop.read(&result, "notes.txt").await, "not seen");
    assert_eq!(shop.read(&result, "out.json").await, r#"{"rows": 3}"#);
    assert_eq!(shop.heard.all(DeltaStream::Stdout), "grüße\n");
}

#[tokio::test]
async fn a_program_that_fails_is_a_result_that_says_how() {
    let shop = Shop::open().await;
    let failed = shop.run(&code("bash", "echo no >&2; exit 3")).await.unwrap();
    assert_snapshot!(told(&failed), @r#"Error cause None exit Some(3) out "" err "no\n" files []"#);
    assert_eq!(shop.heard.all(DeltaStream::Stderr), "no\n");
    let spinning = RunCodeArgs { timeout_s: 1, ..code("bash", "echo on; sleep 60") };
    let killed = shop.run(&spinning).await.unwrap();
    assert_eq!((killed.status, killed.cause.as_deref()), (RunStatus::Killed, Some("wall_time")));
    assert_eq!(killed.stdout, "on\n");
}

#[tokio::test]
async fn a_compiled_program_is_compiled_first_and_its_binary_is_no_result() {
    let shop = Shop::open().await;
    let program = "#include <stdio.h>\n\
        int main(int n, char **a) { char b[9] = {0}; fread(b, 1, 8, stdin); printf(\"%s %s\", a[1], b);\n\
        FILE *f = fopen(\"out.txt\", \"w\"); fputs(\"made\", f); return fclose(f); }\n";
    let source = GivenFile {
        path: "src/tool.c".to_owned(),
        content: Content::Text { text: program.to_owned() },
    };
    let args = RunCodeArgs {
        code: None,
        entry: Some("src/tool.c".to_owned()),
        files: vec![source],
        args: vec!["main.c".to_owned()],
        stdin: "in".to_owned(),
        ..code("c", "")
    };
    let result = shop.run(&args).await.unwrap();
    assert_snapshot!(told(&result), @r#"Ok cause None exit Some(0) out "main.c in" err "" files ["out.txt 4 text/plain"]"#);
    let broken = shop.run(&code("c", "int main(void) { return x; }")).await.unwrap();
    assert_eq!((broken.status, broken.cause.as_deref()), (RunStatus::Error, Some("compile")));
    assert!(broken.stderr.contains("main.c:1"), "{}", broken.stderr);
}

#[tokio::test]
async fn what_cannot_be_run_fails_with_a_sentence() {
    let shop = Shop::open().await;
    let fails = async |args: RunCodeArgs| match shop.run(&args).await {
        Err(ToolError::Failed(failure)) => format!("{}: {}", failure.code, failure.message),
        other => panic!("{other:?}"),
    };
    let entry =
        |path: &str| RunCodeArgs { code: None, entry: Some(path.to_owned()), ..code("python", "") };
    assert_snapshot!(fails(entry("a.py")).await, @"input_missing: There is no file `a.py` to run; the step has: no file.");
    let given = |path: &str| GivenFile {
        path: path.to_owned(),
        content: Content::Text { text: String::new() },
    };
    let files = vec![given("../a.py")];
    assert_snapshot!(
        fails(RunCodeArgs { files, ..entry("../a.py") }).await,
        @"input_invalid: The path `../a.py` cannot be used: a path in the workspace has no empty part, no `.` and no `..`."
    );
    let files = vec![given("a"), given("a/b.py")];
    assert_snapshot!(
        fails(RunCodeArgs { files, ..entry("a/b.py") }).await,
        @"input_invalid: Two of the files cannot lie side by side: one is a folder of the other."
    );
    let files = vec![given("main.py")];
    assert_snapshot!(
        fails(RunCodeArgs { files, ..code("python", "1") }).await,
        @"input_invalid: The program will lie at `main.py`: give your file another `path`."
    );
    let content = Content::Stored { sha256: "0".repeat(64) };
    let files = vec![GivenFile { path: "a".to_owned(), content }];
    let gone = fails(RunCodeArgs { files, ..code("python", "1") }).await;
    assert!(gone.starts_with("input_missing: The stored file 000"), "{gone}");
    assert!(fails(code("cobol", "")).await.starts_with("language_unavailable: "));
}

#[tokio::test]
async fn without_a_proven_sandbox_nothing_runs() {
    let mut shop = Shop::open().await;
    shop.bench.sandbox = Err("No namespaces here.".to_owned());
    let Err(ToolError::Failed(failure)) = shop.run(&code("python", "1")).await else {
        panic!("it ran");
    };
    assert_eq!(failure.code, FailureCode::SandboxUnavailable);
    assert_eq!(failure.message, "No namespaces here.");
}

#[tokio::test]
async fn a_program_that_is_told_to_stop_is_gone() {
    let shop = Shop::open().await;
    let program = code("bash", "echo up; sleep 600");
    let run = shop.run(&program);
    let end = async {
        while shop.heard.all(DeltaStream::Stdout) != "up\n" {
            tokio::task::yield_now().await;
        }
        shop.stop.cancel();
    };
    let (ended, ()) = tokio::join!(run, end);
    assert_eq!(ended, Err(ToolError::Stopped));
}
