use ninja_sandbox::End;

use crate::cage::Cage;

#[tokio::test]
async fn a_program_runs_and_its_output_comes_back() {
    let cage = Cage::new();
    let outcome =
        cage.python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)").await;
    assert_eq!(outcome.end, End::Exited(7));
    assert_eq!(
        (outcome.stdout.text().as_str(), outcome.stderr.text().as_str()),
        ("out\n", "err\n")
    );
}
