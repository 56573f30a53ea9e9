//! `--version`: name, version and the hash of the sources, in one line.

use std::io::Write;

use crate::failure::{ExitCode, Failure};

/// The action looks for this line in the bytes of a binary that its own machine cannot run, so it is one piece.
const LINE: &str = concat!("injector ", env!("CARGO_PKG_VERSION"), " ", env!("SOURCES_HASH"), "\n");

pub fn run() -> Result<(), Failure> {
    let written = std::io::stdout().lock().write_all(LINE.as_bytes());
    written.map_err(|error| Failure::new(ExitCode::Internal, format!("The version cannot be printed: {error}.")))
}
