//! Tells the binary which sources it is built from: `SOURCES_HASH`, which `injector --version` prints and by which the action
//! knows whether a binary is the one of its own sources. It is the hash that src/injector/source.ts computes, over the same files.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest, Sha256};

/// What a build does not depend on, at the top of the crate; all else counts. The same names as in src/injector/source.ts.
const NO_BUILD_INPUT: [&str; 6] = ["target", "tests", "fuzz", "README.md", "rustfmt.toml", ".gitignore"];

/// The files below a directory, as paths from the crate with slashes, whatever the machine's own separator is.
fn collect(directory: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push((name, entry.path()));
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let crate_directory = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    for entry in fs::read_dir(&crate_directory)? {
        let entry = entry?;
        let name = entry.file_name().display().to_string();
        if NO_BUILD_INPUT.contains(&name.as_str()) {
            continue;
        }
        println!("cargo::rerun-if-changed={name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), &mut files)?;
        } else {
            files.push((name, entry.path()));
        }
    }
    files.sort();
    let mut hash = Sha256::new();
    for (name, path) in files {
        let content = fs::read(path)?;
        hash.update(format!("{name}\0{}\0", content.len()));
        hash.update(content);
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=SOURCES_HASH={hex}");
    Ok(())
}
