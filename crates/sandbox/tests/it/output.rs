//! What a run says.

use ninja_sandbox::{Cause, End, Stream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::cage::MIB;

in_every_tier! {
    async fn output_without_end_is_cut_and_its_ends_are_kept(cage: &Cage) {
        // 22
        for (redirect, stream) in [("", Stream::Stdout), (">&2", Stream::Stderr)] {
            let source =
                format!("{{ echo start; head -c 10G /dev/zero | tr '\\0' '\\377'; }} {redirect}");
            let mut spec = cage.bash_spec(&source).await;
            spec.limits.output_hard_bytes = 2 * MIB;
            let outcome = cage.run(spec).await.unwrap();
            let (said, silent) = match stream {
                Stream::Stdout => (outcome.stdout, outcome.stderr),
                Stream::Stderr => (outcome.stderr, outcome.stdout),
            };
            assert_eq!((outcome.killed, silent.total_bytes), (Some(Cause::Output), 0));
            assert!(said.truncated && said.total_bytes > 2 * MIB && said.total_bytes < 1024 * MIB);
            assert_eq!((said.head.len(), said.tail.len()), (32 * 1024, 32 * 1024));
            assert!(said.head.starts_with(b"start\n\xff\xff"));
            assert!(said.tail.iter().all(|&byte| byte == 0xff));
            assert!(said.text().contains("bytes left out"));
        }
    }

    async fn output_is_shown_while_the_program_runs(cage: &Cage) {
        // It waits for a file that is only there once its first line was seen.
        let source = "echo first; while [ ! -e go ]; do sleep 0.01; done; echo second >&2; exit 3";
        let spec = cage.bash_spec(source).await;
        let workspace = spec.workspace.clone();
        let (live, mut chunks) = mpsc::channel(8);
        let watch = async {
            let first = chunks.recv().await.unwrap();
            crate::cage::put(&workspace, "go", "");
            (first, chunks.recv().await.unwrap())
        };
        let run = cage.sandbox.run(spec, CancellationToken::new(), Some(live));
        let (outcome, (first, second)) = tokio::join!(run, watch);
        assert_eq!((first.stream, first.bytes.as_slice()), (Stream::Stdout, &b"first\n"[..]));
        assert_eq!((second.stream, second.bytes.as_slice()), (Stream::Stderr, &b"second\n"[..]));
        assert_eq!(outcome.unwrap().end, End::Exited(3));
    }

    async fn output_without_lines_is_shown_too(cage: &Cage) {
        // 23. The byte after the first is written when the first was seen, and so on.
        let source = "import os, time\nfor n in range(8):\n os.write(1, b'x')\n \
                      while not os.path.exists(str(n)): time.sleep(0.01)\n";
        let spec = cage.python_spec(source).await;
        let workspace = spec.workspace.clone();
        let (live, mut chunks) = mpsc::channel::<ninja_sandbox::Chunk>(8);
        let watch = async {
            for number in 0..8 {
                assert_eq!(chunks.recv().await.unwrap().bytes, b"x");
                crate::cage::put(&workspace, &number.to_string(), "");
            }
        };
        let run = cage.sandbox.run(spec, CancellationToken::new(), Some(live));
        let (outcome, ()) = tokio::join!(run, watch);
        assert_eq!(outcome.unwrap().stdout.text(), "xxxxxxxx");
    }

    async fn a_program_reads_its_input_to_the_end(cage: &Cage) {
        let mut spec = cage.spec(&["cat"]).await;
        spec.stdin = b"abc".repeat(200_000);
        spec.limits.output_kept_bytes = MIB;
        let outcome = cage.run(spec.clone()).await.unwrap();
        assert_eq!(outcome.stdout.text().as_bytes(), spec.stdin);
        // One that does not read it is not held up.
        spec.argv = vec!["true".into()];
        assert!(cage.run(spec).await.unwrap().success());
    }
}
