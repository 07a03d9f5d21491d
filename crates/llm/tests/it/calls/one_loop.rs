use std::path::{Path, PathBuf};

#[test]
fn one_loop_alone_waits() {
    let mut waiting = Vec::new();
    for file in sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        if std::fs::read_to_string(&file).unwrap().contains("sleep(") {
            waiting.push(file.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    assert_eq!(waiting, ["call.rs"]);
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}
