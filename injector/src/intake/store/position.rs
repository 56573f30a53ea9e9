//! From where the chunks are still needed after a restart.

use std::fs;

use super::Store;
use crate::digest::Digest;
use crate::failure::Failure;

/// File that says it.
const POSITION: &str = "position";

/// A place in the row of parcels: everything before it was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub parcel: usize,
    /// Byte of the parcel's tar.
    pub offset: u64,
}

impl Store {
    /// From where the chunks are still needed, as an earlier process with the same catalog wrote it down.
    pub fn position(&self, catalog: &Digest) -> Position {
        let text = fs::read_to_string(self.place.directory.join(POSITION)).unwrap_or_default();
        let mut fields = text.split_whitespace();
        match (fields.next(), fields.next().map(str::parse), fields.next().map(str::parse)) {
            (Some(hex), Some(Ok(parcel)), Some(Ok(offset))) if hex == catalog.hex() => Position { parcel, offset },
            _ => Position::default(),
        }
    }

    /// Writes down that the chunks before this place are not needed any more. Fails with exit code `store-unwritable`.
    pub fn keep_position(&self, catalog: &Digest, position: Position) -> Result<(), Failure> {
        let text = format!("{} {} {}\n", catalog.hex(), position.parcel, position.offset);
        self.keep(POSITION, text.as_bytes(), "its position")
    }
}
