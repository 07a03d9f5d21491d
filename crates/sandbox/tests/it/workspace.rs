//! What goes into a workspace and what comes out.

use std::io::Read;

use ninja_sandbox::{PathFault, RelPath, Skip};

use crate::cage::put;

in_every_tier! {
    async fn files_go_in_and_come_out_and_nothing_else_does(cage: &Cage) {
        let spec = cage.bash_spec(
            "cat in/data.txt > out.txt; mkdir -p a/b; echo deep > a/b/c; ln -s /etc/passwd link\n\
             mkfifo pipe; echo x > one; ln one two; touch $'new\\nline'; chmod 000 a\n",
        );
        let spec = spec.await;
        put(&spec.workspace, "in/data.txt", "data");
        let workspace = spec.workspace.clone();
        assert!(cage.run(spec).await.unwrap().success());
        let collected = workspace.collect().unwrap();
        let mut files = Vec::new();
        for mut file in collected.files {
            let mut text = String::new();
            file.file.read_to_string(&mut text).unwrap();
            files.push(format!("{}={}", file.path, text.trim()));
        }
        assert_eq!(files[..2], ["a/b/c=deep", "in/data.txt=data"]);
        assert_eq!(files[3..], ["out.txt=data"]);
        let skipped = collected.skipped.iter().map(|skip| (skip.path_lossy.as_str(), skip.reason));
        let expected = [
            ("link", Skip::Symlink),
            ("new\nline", Skip::BadName),
            ("one", Skip::Hardlink),
            ("pipe", Skip::Special),
            ("two", Skip::Hardlink),
        ];
        assert_eq!(skipped.collect::<Vec<_>>(), expected);
    }

    async fn writing_into_a_workspace_follows_no_link_that_a_program_left(cage: &Cage) {
        let outside = cage.home.path().join("outside");
        std::fs::write(&outside, "mine").unwrap();
        let target = outside.display();
        let parent = cage.home.path().display();
        let spec = cage.bash_spec(&format!("ln -s {target} file; ln -s {parent} folder\n")).await;
        let workspace = spec.workspace.clone();
        assert!(cage.run(spec).await.unwrap().success());
        put(&workspace, "file", "replaced");
        let through = RelPath::new("folder/outside").unwrap();
        assert!(workspace.put(&through, b"attack", 0o644).is_err());
        assert!(workspace.open(&through).is_err());
        assert_eq!(std::fs::read_to_string(&outside).unwrap(), "mine");
    }

    async fn a_dropped_workspace_is_removed_and_its_slot_is_free_again(cage: &Cage) {
        let spec = cage.bash_spec("mkdir -p a/b/c; touch a/b/c/d; chmod 000 a/b\n").await;
        let path = spec.workspace.path().to_owned();
        assert!(cage.run(spec).await.unwrap().success());
        let gone = || !path.exists();
        assert!(crate::cage::eventually(std::time::Duration::from_secs(5), gone));
    }
}

#[test]
fn a_path_in_a_workspace_cannot_lead_out_of_it() {
    for (text, fault) in [
        ("/etc/passwd", PathFault::Absolute),
        ("../x", PathFault::BadPart),
        ("a//b", PathFault::BadPart),
        ("a/./b", PathFault::BadPart),
        ("a\nb", PathFault::Control),
    ] {
        assert_eq!(RelPath::new(text), Err(fault), "{text}");
    }
    assert_eq!(RelPath::new("a/b.txt").unwrap().as_str(), "a/b.txt");
}
