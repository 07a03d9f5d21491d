//! What a run can read and write.

use serde_json::json;

use crate::cage::Cage;
use crate::victim::{CANARY, Victim};

#[tokio::test]
async fn files_outside_cannot_be_read_directly_or_by_symlink() {
    // 1
    let cage = Cage::new();
    let spec = cage.spec(&["python3", "main.py"]).await;
    let victim = Victim::of(&spec.workspace);
    let (world, own) = (victim.path("world"), victim.path("own"));
    let source = format!(
        r#"
for number, path in enumerate(["/etc/shadow", "/root", "{world}", "{own}"]):
    attempt("direct", lambda: open(path).read())
    os.symlink(path, f"link{{number}}")
    attempt("link", lambda: open(f"link{{number}}").read())
"#
    );
    let said = cage.attempts(spec, &source).await;
    assert_eq!(said, "direct ENOENT\nlink ENOENT\n".repeat(4));
    assert_eq!(victim.reached(), json!([]));
}

#[tokio::test]
async fn no_other_process_can_be_looked_into() {
    // 2
    let cage = Cage::new();
    let spec = cage.spec(&["python3", "main.py"]).await;
    let victim = Victim::of(&spec.workspace);
    let source = format!(
        r#"
others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]
print(others)
for pid in others + ["{victim}"]:
    for name in ["environ", "mem", "maps", "root/etc", "cwd/.", "fd/0"]:
        attempt(name, lambda: open(f"/proc/{{pid}}/{{name}}", "rb"))
    attempt("fd", lambda: os.listdir(f"/proc/{{pid}}/fd"))
    attempt("write", lambda: open(f"/proc/{{pid}}/mem", "r+b"))
"#,
        victim = victim.at["pid"]
    );
    let said = cage.attempts(spec, &source).await;
    // The first process of the run is the only other one, and it is closed.
    let (others, answers) = said.split_once('\n').unwrap();
    assert_eq!(others, "['1']");
    assert!(!said.contains("SUCCEEDED") && !said.contains(CANARY), "{said}");
    let names = ["environ", "mem", "maps", "root/etc", "cwd/.", "fd/0", "fd", "write"];
    for (line, name) in answers.lines().zip(names.iter().cycle()) {
        assert!(line == format!("{name} EACCES") || line == format!("{name} ENOENT"), "{said}");
    }
    assert_eq!(victim.reached(), json!([]));
}

#[tokio::test]
async fn nothing_outside_the_workspace_can_be_written_or_linked() {
    // 4
    let cage = Cage::new();
    let spec = cage.spec(&["python3", "main.py"]).await;
    let other = cage.workspace().await;
    let victim = Victim::of(&spec.workspace);
    let source = format!(
        r#"
for folder in ["/", "/etc", "/usr", "/dev", "/proc", "{victim}", "{home}", "{other}"]:
    attempt("write", lambda: open(folder + "/attack", "w"))
for path in ["{victim}/world", "{victim}/own", "/usr/bin/env", "/etc/passwd"]:
    attempt("link", lambda: os.link(path, "/workspace/hard"))
    attempt("open", lambda: open(path, "a"))
attempt("remount", lambda: os.rename("/workspace", "/elsewhere"))
"#,
        victim = victim.folder.path().display(),
        home = cage.home.path().display(),
        other = other.path().display(),
    );
    let said = cage.attempts(spec, &source).await;
    for line in said.lines() {
        let answer = line.rsplit(' ').next().unwrap();
        assert!(["EROFS", "ENOENT", "EACCES", "EXDEV", "EBUSY"].contains(&answer), "{said}");
    }
    assert_eq!(said.lines().count(), 17);
    assert_eq!(victim.reached(), json!([]));
}

#[tokio::test]
async fn a_program_has_three_open_descriptors() {
    // 39
    let cage = Cage::new();
    let spec = cage.c_spec(
        "#include <stdio.h>\n#include <fcntl.h>\nint main(void) {\n\
         for (int fd = 0; fd < 4096; fd++) if (fcntl(fd, F_GETFD) != -1) printf(\"%d \", fd);\n\
         return 0; }\n",
    );
    let outcome = cage.run(spec.await).await.unwrap();
    assert_eq!(outcome.stdout.text(), "0 1 2 ");
}
