#![cfg(test)]

mod inspect;
mod store;

use ninja_config::{FilesBackend, FilesConfig};
use ninja_files::Store;
use tempfile::TempDir;

/// A store in a folder of its own.
async fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&config(&folder)).await.unwrap();
    (folder, store)
}

fn config(folder: &TempDir) -> FilesConfig {
    FilesConfig {
        backend: FilesBackend::Local,
        root: folder.path().to_owned(),
        max_mib: 50,
        s3_bucket: None,
        s3_region: "us-east-1".to_owned(),
        s3_endpoint: None,
        s3_prefix: String::new(),
        s3_access_key_id: None,
        s3_secret_access_key: None,
    }
}

/// Every file below the store's folder.
fn on_disk(folder: &TempDir) -> Vec<String> {
    fn walk(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(folder.path(), &mut found);
    let name = |path: &std::path::PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
    found.iter().map(name).collect()
}
