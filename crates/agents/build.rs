//! Embeds the vetted programs, and names one test per file of references.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const PROGRAMS: &str = "src/analyst/programs";
const REFERENCES: &str = "tests/references";

fn main() -> Result<(), Box<dyn Error>> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    let programs = home.join(PROGRAMS);
    let mut sources = String::from("const SOURCES: &[Source] = &[\n");
    for path in files(&programs, "py")? {
        let name = path.strip_prefix(&programs)?.to_str().ok_or("a name that is no text")?;
        let path = path.to_str().ok_or("a path that is no text")?;
        writeln!(sources, "    Source {{ path: {name:?}, text: include_str!({path:?}) }},")?;
    }
    sources.push_str("];\n");
    fs::write(out.join("programs.rs"), sources)?;
    let mut tests = String::new();
    for path in files(&home.join(REFERENCES), "json")? {
        let name = path.file_stem().and_then(OsStr::to_str).ok_or("a name that is no text")?;
        let path = path.to_str().ok_or("a path that is no text")?;
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_").to_lowercase();
        writeln!(
            tests,
            "#[tokio::test]\nasync fn {name}() {{ crate::references::hold({path:?}).await; }}"
        )?;
    }
    fs::write(out.join("references.rs"), tests)?;
    println!("cargo::rerun-if-changed={PROGRAMS}");
    println!("cargo::rerun-if-changed={REFERENCES}");
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// Every file below `folder` with this extension, in the order of their paths.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some(OsStr::new(extension)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
