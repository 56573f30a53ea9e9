//! How the sources hang together: what a module needs lies below it, and no file is long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const MOST_LINES: usize = 300;
const MOST_FILES: usize = 14;

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A module of the crate that has others below it counts as a room; what lies in it counts by itself too.
fn is_room(name: &str) -> bool {
    root().join(name).is_dir()
}

/// The name of what a path leads to: `log` for `log`, `intake/store` for `intake`, `store`, `Store`.
fn unit<'path>(mut parts: impl Iterator<Item = &'path str>) -> String {
    let first = parts.next().unwrap();
    match parts.next().filter(|second| is_room(first) && root().join(first).join(second).with_extension("rs").exists()) {
        Some(second) => format!("{first}/{second}"),
        None => first.to_string(),
    }
}

/// The unit that a file belongs to: `intake/store` for `intake/store.rs` and for all below `intake/store/`.
fn unit_of_file(file: &Path) -> String {
    let path = file.strip_prefix(root()).unwrap().with_extension("");
    unit(path.iter().map(|part| part.to_str().unwrap()))
}

/// The units that a text names by `crate::`, one by one or in braces at the end.
fn named(text: &str) -> BTreeSet<String> {
    let is_path = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
    let mut names = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        let path = rest.split(|letter| !is_path(letter)).next().unwrap();
        let list = rest[path.len()..].strip_prefix('{').map_or("", |list| list.split('}').next().unwrap());
        for part in list.split(',') {
            let whole = format!("{path}{}", part.trim());
            names.insert(unit(whole.trim_end_matches(':').split("::")));
        }
    }
    names
}

/// Takes away what needs nothing that is left, for as long as there is such a thing. What stays is a circle or leads into one.
fn circles(mut below: BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    while let Some(free) = below.iter().find(|(_, needs)| needs.iter().all(|need| !below.contains_key(need))).map(|(name, _)| name.clone())
    {
        below.remove(&free);
    }
    below
}

/// What each unit needs, by the name that `shorten` makes of a unit.
fn needs(shorten: impl Fn(&str) -> String) -> BTreeMap<String, BTreeSet<String>> {
    let mut below: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in sources(&root()).iter().filter(|file| !file.ends_with("lib.rs")) {
        let own = shorten(&unit_of_file(file));
        let names = named(&std::fs::read_to_string(file).unwrap());
        below.entry(own.clone()).or_default().extend(names.iter().map(|name| shorten(name)).filter(|name| *name != own));
    }
    below
}

#[test]
fn units_are_found_where_they_are_named() {
    let text =
        "use crate::hex::B;\nuse crate::{log, names::F};\nuse crate::server::{http, idle::Idle};\nfn f() { crate::intake::store::h(); }";
    let found: Vec<String> = named(text).into_iter().collect();
    assert_eq!(found, ["hex", "intake/store", "log", "names", "server/http", "server/idle"]);
    assert_eq!(unit_of_file(&root().join("intake/store/writer.rs")), "intake/store");
}

#[test]
fn circles_are_found() {
    let below = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, need)| (name.to_string(), BTreeSet::from([need.to_string()]))).collect();
    assert_eq!(circles(below(&[("a", "b"), ("b", "c")])).len(), 0);
    assert_eq!(circles(below(&[("a", "b"), ("b", "c"), ("c", "b"), ("d", "e")])).len(), 3);
}

#[test]
fn nothing_needs_itself_by_way_of_others() {
    let units = needs(str::to_string);
    assert!(units["commands/serve"].contains("server/acceptor") && units["server/acceptor"].contains("server/connection"), "{units:?}");
    assert_eq!(circles(units), BTreeMap::new());
    assert_eq!(circles(needs(|unit| unit.split('/').next().unwrap().to_string())), BTreeMap::new(), "between rooms");
}

#[test]
fn no_folder_holds_more_than_14_files() {
    let mut folders: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for file in sources(&root()) {
        *folders.entry(file.parent().unwrap().to_path_buf()).or_default() += 1;
    }
    assert!(folders.values().all(|count| *count <= MOST_FILES), "{folders:#?}");
}

#[test]
fn no_file_is_longer_than_300_lines() {
    for file in sources(&root()) {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines", file.display());
    }
}
