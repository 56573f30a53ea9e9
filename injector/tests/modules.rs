//! How the sources hang together: what a module needs lies below it, and no file is long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const MOST_LINES: usize = 300;

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The name of the module of the crate that a file belongs to: `store` for `store.rs` and for all below `store/`.
fn module(file: &Path) -> String {
    let first = file.strip_prefix(root()).unwrap().components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_string()
}

/// The modules that a text names by `crate::`, one by one or in braces.
fn named(text: &str) -> BTreeSet<String> {
    let behind = text.split("crate::").skip(1);
    let word = |text: &str| text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next().unwrap().to_string();
    behind
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap().split(',').map(|part| word(part.trim())).collect(),
            None => vec![word(rest)],
        })
        .collect()
}

#[test]
fn modules_are_found_where_they_are_named() {
    let text = "use crate::a::B;\nuse crate::{c, d_e::F};\nfn f() { crate::g::h(); }";
    assert_eq!(named(text).into_iter().collect::<Vec<_>>(), ["a", "c", "d_e", "g"]);
    assert_eq!(module(&root().join("store/writer.rs")), "store");
}

#[test]
fn no_module_needs_itself_by_way_of_others() {
    let mut below: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in sources(&root()) {
        let own = module(&file);
        let names = named(&std::fs::read_to_string(&file).unwrap());
        below.entry(own.clone()).or_default().extend(names.into_iter().filter(|name| *name != own));
    }
    assert!(below["serve"].contains("acceptor") && below["acceptor"].contains("connection"), "{below:?}");
    // What needs nothing that is left is taken away; a circle stays.
    while let Some(free) = below.iter().find(|(_, needs)| needs.iter().all(|need| !below.contains_key(need))).map(|(name, _)| name.clone())
    {
        below.remove(&free);
    }
    assert!(below.is_empty(), "a circle, or what leads into one: {below:#?}");
}

#[test]
fn no_file_is_longer_than_300_lines() {
    for file in sources(&root()) {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines", file.display());
    }
}
