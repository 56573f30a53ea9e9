//! The store: one file for each verified content, and the waiting for those that have not arrived.

mod writer;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::catalog::Catalog;
use crate::digest::Digest;
use crate::failure::{ExitCode, Failure};
pub use writer::Writer;

/// Ends the name of a file that is not verified yet.
const UNFINISHED: &str = ".part";
/// File that says from where the chunks are still needed after a restart.
const POSITION: &str = "position";

/// A directory of verified files, each named by its digest's hex digits.
pub struct Store {
    directory: PathBuf,
    slots: Vec<Slot>,
    missing: AtomicUsize,
    closed: AtomicBool,
}

struct Slot {
    digest: Digest,
    size: u64,
    state: Mutex<State>,
    changed: Condvar,
}

enum State {
    Awaited,
    Arriving { file: Arc<File>, written: u64 },
    Verified,
}

/// What can be read of one content from some offset on.
pub enum Available {
    /// All of it; it is verified.
    Whole(File),
    /// Bytes before this offset; the rest is on its way.
    Until(Arc<File>, u64),
    /// Nothing came within the patience given.
    Nothing,
}

/// A place in the row of parcels: everything before it was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub parcel: usize,
    /// Byte of the parcel's tar.
    pub offset: u64,
}

fn lock(slot: &Slot) -> MutexGuard<'_, State> {
    slot.state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// Opens the directory, made if it is missing, and keeps what an earlier process verified there. A file gets its final name only
    /// after its digest was right, so name and size are enough. Fails with exit code `store-unwritable`.
    pub fn open(directory: &Path, catalog: &Catalog) -> Result<Store, Failure> {
        let refused = |error: io::Error| {
            Failure::new(ExitCode::StoreUnwritable, format!("The store {} cannot be used: {error}.", directory.display()))
        };
        fs::create_dir_all(directory).map_err(refused)?;
        for entry in fs::read_dir(directory).map_err(refused)? {
            let path = entry.map_err(refused)?.path();
            if path.extension().is_some_and(|ending| ending == "part") {
                fs::remove_file(&path).map_err(refused)?;
            }
        }
        let mut missing = 0;
        let mut slots = Vec::with_capacity(catalog.contents.len());
        for content in &catalog.contents {
            let file = fs::metadata(directory.join(content.digest.hex()));
            let verified = file.is_ok_and(|file| file.is_file() && file.len() == content.size);
            missing += usize::from(!verified);
            let state = Mutex::new(if verified { State::Verified } else { State::Awaited });
            slots.push(Slot { digest: content.digest, size: content.size, state, changed: Condvar::new() });
        }
        Ok(Store { directory: directory.into(), slots, missing: AtomicUsize::new(missing), closed: AtomicBool::new(false) })
    }

    /// How many contents are not verified yet.
    pub fn missing(&self) -> usize {
        self.missing.load(Ordering::Acquire)
    }

    /// A content that is not verified yet.
    pub fn first_missing(&self) -> Option<Digest> {
        self.slots.iter().find(|slot| !matches!(*lock(slot), State::Verified)).map(|slot| slot.digest)
    }

    pub fn is_verified(&self, place: usize) -> bool {
        self.slots.get(place).is_some_and(|slot| matches!(*lock(slot), State::Verified))
    }

    /// Opens a verified content. None while it is not verified.
    pub fn open_verified(&self, place: usize) -> io::Result<Option<File>> {
        match self.slots.get(place) {
            Some(slot) if matches!(*lock(slot), State::Verified) => File::open(self.directory.join(slot.digest.hex())).map(Some),
            _ => Ok(None),
        }
    }

    /// Waits up to `patience` until there is something to read from `offset` on. The last byte is given out only with a verified
    /// content, so that no reader ever has the whole of one that is wrong.
    pub fn available(&self, place: usize, offset: u64, patience: Duration) -> io::Result<Available> {
        let Some(slot) = self.slots.get(place) else {
            return Ok(Available::Nothing);
        };
        let useful = |state: &State| match state {
            State::Awaited => false,
            State::Arriving { written, .. } => (*written).min(slot.size.saturating_sub(1)) > offset,
            State::Verified => true,
        };
        let waited = slot.changed.wait_timeout_while(lock(slot), patience, |state| !useful(state) && !self.is_closed());
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Arriving { file, written } if useful(&state) => {
                Ok(Available::Until(Arc::clone(file), (*written).min(slot.size.saturating_sub(1))))
            }
            State::Verified => {
                drop(state);
                File::open(self.directory.join(slot.digest.hex())).map(Available::Whole)
            }
            _ => Ok(Available::Nothing),
        }
    }

    /// Waits up to `patience` until every content is verified, and returns whether all are.
    pub fn await_whole(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        self.slots.iter().all(|slot| {
            let left = deadline.saturating_duration_since(Instant::now());
            let awaited = |state: &mut State| !matches!(state, State::Verified) && !self.is_closed();
            let (state, _) = slot.changed.wait_timeout_while(lock(slot), left, awaited).unwrap_or_else(PoisonError::into_inner);
            matches!(*state, State::Verified)
        })
    }

    /// Ends all waiting, now and later.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        for slot in &self.slots {
            // Whoever looked at `closed` before it was set waits by the time the lock is free.
            drop(lock(slot));
            slot.changed.notify_all();
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// From where the chunks are still needed, as an earlier process with the same catalog wrote it down.
    pub fn position(&self, catalog: &Digest) -> Position {
        let text = fs::read_to_string(self.directory.join(POSITION)).unwrap_or_default();
        let mut fields = text.split_whitespace();
        match (fields.next(), fields.next().map(str::parse), fields.next().map(str::parse)) {
            (Some(hex), Some(Ok(parcel)), Some(Ok(offset))) if hex == catalog.hex() => Position { parcel, offset },
            _ => Position::default(),
        }
    }

    /// Writes down that the chunks before this place are not needed any more.
    pub fn keep_position(&self, catalog: &Digest, position: Position) -> Result<(), Failure> {
        let unfinished = self.directory.join(POSITION).with_extension("part");
        let text = format!("{} {} {}\n", catalog.hex(), position.parcel, position.offset);
        let kept = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, self.directory.join(POSITION)));
        kept.map_err(|error| self.unwritable(&error, "its position"))
    }

    fn unwritable(&self, error: &io::Error, what: &str) -> Failure {
        let directory = self.directory.display();
        let sentence = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                format!("The store {directory} is full while writing {what}: {error}; the registry Pod needs more ephemeral storage.")
            }
            _ => format!("The store {directory} cannot take {what}: {error}."),
        };
        Failure::new(ExitCode::StoreUnwritable, sentence)
    }
}
