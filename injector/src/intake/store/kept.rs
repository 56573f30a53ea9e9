//! What the store keeps beside contents, for the process that comes after this one.

use std::fs;
use std::path::Path;

use super::{Store, UNFINISHED};
use crate::failure::Failure;

/// File that holds a catalog that was delivered.
const CATALOG: &str = "catalog";

/// The bytes of the catalog that was delivered to an earlier process. What cannot be read counts as none: it may be delivered again.
pub fn kept_catalog(directory: &Path) -> Option<Vec<u8>> {
    fs::read(directory.join(CATALOG)).ok()
}

impl Store {
    /// Keeps a catalog that was delivered. Fails with exit code `store-unwritable`.
    pub fn keep_catalog(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.keep(CATALOG, bytes, "its catalog")
    }

    /// Writes a file whole or not at all: under another name first. Fails with exit code `store-unwritable`.
    pub(super) fn keep(&self, name: &str, bytes: &[u8], what: &str) -> Result<(), Failure> {
        let unfinished = self.directory.join(format!("{name}{UNFINISHED}"));
        let kept = fs::write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, self.directory.join(name)));
        kept.map_err(|error| self.unwritable(&error, what))
    }
}
