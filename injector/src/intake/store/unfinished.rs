//! What an earlier process left of a content that was on its way: it is gone on with, as what had brought it may be gone. And whether what
//! it left as verified still is what it was.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use super::slot::{Arrival, Pen, State};
use super::{Place, UNFINISHED};
use crate::catalog::Content;
use crate::digest::Hasher;

/// Bytes read at a time.
const PIECE: usize = 128 << 10;

/// How far a content has come that is not verified. A file that is whole makes it so when its digest is right; one that is wrong, too long
/// or unreadable counts as none.
pub fn take_up(place: &Place, Content { digest, size, .. }: &Content) -> State {
    let part = place.directory.join(digest.hex() + UNFINISHED);
    let Some((file, written, hasher)) = read(&part, *size) else {
        return State::Awaited;
    };
    if written < *size {
        // The file's cursor is behind what was read, where the next bytes go.
        return State::Arriving(Box::new(Arrival { file: Arc::new(file), written, pen: Pen::Free(hasher) }));
    }
    let right = hasher.finish() == *digest && place.settle(&file, &digest.hex()).is_ok();
    if right { State::Verified } else { State::Awaited }
}

/// Whether a file has just the bytes of a content.
pub fn is_right(path: &Path, Content { digest, size, .. }: &Content) -> bool {
    *size == 0 || read(path, *size).is_some_and(|(_, written, hasher)| written == *size && hasher.finish() == *digest)
}

/// The bytes of a file: how many there are, and their running digest. None when they are none, more than `most`, or cannot be read.
fn read(path: &Path, most: u64) -> Option<(File, u64, Hasher)> {
    let mut file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    let (mut written, mut hasher, mut piece) = (0u64, Hasher::new(), vec![0; PIECE]);
    while written <= most {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => {
                hasher.update(piece.get(..count).unwrap_or_default());
                written = written.saturating_add(count as u64);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    (1..=most).contains(&written).then_some((file, written, hasher))
}
