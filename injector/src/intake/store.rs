//! The store: one file for each verified content, and the waiting for those that have not arrived.

mod kept;
mod position;
mod slot;
mod unfinished;
mod writer;

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::catalog::Catalog;
use crate::digest::Digest;
use crate::failure::{ExitCode, Failure};
pub use position::Position;
use slot::{Slot, State};
pub use writer::{Claim, Writer};

/// Ends the name of a file that is not verified yet.
const UNFINISHED: &str = ".part";

/// Where a store is.
#[derive(Clone, Debug)]
pub struct Place {
    pub directory: PathBuf,
    /// Whether it is to outlive the machine that writes it: what has its final name is on the disk then.
    pub durable: bool,
}

/// A directory of verified files, each named by its digest's hex digits.
pub struct Store {
    place: Place,
    slots: Vec<Slot>,
    missing: AtomicUsize,
    closed: AtomicBool,
}

/// What can be read of one content.
pub struct Available {
    pub file: Arc<File>,
    /// The bytes before this offset are there; the rest, if any, is on its way.
    pub until: u64,
    /// Which attempt to get the content they are of: when one comes out wrong, its bytes are dropped.
    pub attempt: u32,
}

impl Store {
    /// Opens the directory, made if it is missing, and keeps what an earlier process verified there, and what it had of contents on their
    /// way. A file gets its final name only after its digest was right, so name and size are enough, unless the machine may have lost some
    /// of its bytes since. Fails with exit code `store-unwritable`.
    pub fn open(place: Place, catalog: &Catalog) -> Result<Store, Failure> {
        let directory = place.directory.as_path();
        let refused = |error: io::Error| {
            Failure::new(ExitCode::StoreUnwritable, format!("The store {} cannot be used: {error}.", directory.display()))
        };
        fs::create_dir_all(directory).map_err(refused)?;
        let is_whole = place.is_whole();
        let mut missing = 0;
        let mut slots = Vec::with_capacity(catalog.contents.len());
        let mut arriving = Vec::new();
        for content in &catalog.contents {
            let path = directory.join(content.digest.hex());
            let there = fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() == content.size);
            let verified = there && (is_whole || unfinished::is_right(&path, content));
            if there && !verified {
                fs::remove_file(&path).map_err(refused)?;
            }
            let state = if verified { State::Verified } else { unfinished::take_up(&place, content) };
            missing += usize::from(!matches!(state, State::Verified));
            if matches!(state, State::Arriving(_)) {
                arriving.push(directory.join(content.digest.hex() + UNFINISHED));
            }
            slots.push(Slot::new(content.digest, content.size, state));
        }
        for entry in fs::read_dir(directory).map_err(refused)? {
            let path = entry.map_err(refused)?.path();
            if path.extension().is_some_and(|ending| ending == "part") && !arriving.contains(&path) {
                fs::remove_file(&path).map_err(refused)?;
            }
        }
        if !is_whole {
            place.note_boot();
        }
        Ok(Store { place, slots, missing: AtomicUsize::new(missing), closed: AtomicBool::new(false) })
    }

    /// How many contents are not verified yet.
    pub fn missing(&self) -> usize {
        self.missing.load(Ordering::Acquire)
    }

    /// A content that is not verified yet.
    pub fn first_missing(&self) -> Option<Digest> {
        self.slots.iter().find(|slot| !slot.is_verified()).map(|slot| slot.digest)
    }

    pub fn is_verified(&self, place: usize) -> bool {
        self.slots.get(place).is_some_and(Slot::is_verified)
    }

    /// Whether nothing brings a content any more.
    pub fn is_unavailable(&self, place: usize) -> bool {
        self.slots.get(place).is_some_and(|slot| matches!(slot.lock().state, State::Unavailable))
    }

    /// How many bytes of a content are here, the last one only when it is verified.
    pub fn offset(&self, place: usize) -> u64 {
        self.slots.get(place).map_or(0, |slot| slot.offset(&slot.lock()))
    }

    /// Opens a verified content. None while it is not verified.
    pub fn open_verified(&self, place: usize) -> io::Result<Option<File>> {
        match self.slots.get(place).filter(|slot| slot.is_verified()) {
            Some(slot) => self.open_file(slot).map(Some),
            None => Ok(None),
        }
    }

    fn open_file(&self, slot: &Slot) -> io::Result<File> {
        File::open(self.place.directory.join(slot.digest.hex()))
    }

    /// Waits up to `patience` until there is something to read from `offset` on; None when nothing came. The last byte is given out only
    /// with a verified content, so that no reader ever has the whole of one that is wrong. Fails when the reader has bytes of an `attempt`
    /// that was dropped since, and with `NotFound` when nothing brings the content any more.
    pub fn available(&self, place: usize, offset: u64, attempt: Option<u32>, patience: Duration) -> io::Result<Option<Available>> {
        let Some(slot) = self.slots.get(place) else {
            return Ok(None);
        };
        let most = slot.size.saturating_sub(1);
        let waited = slot.changed.wait_timeout_while(slot.lock(), patience, |progress| {
            let useful = match &progress.state {
                State::Awaited => false,
                State::Arriving(arrival) => arrival.written.min(most) > offset,
                State::Verified | State::Unavailable => true,
            };
            !useful && attempt.is_none_or(|attempt| attempt == progress.attempt) && !self.is_closed()
        });
        let (progress, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let now = progress.attempt;
        if attempt.is_some_and(|attempt| attempt != now) {
            return Err(ErrorKind::InvalidData.into());
        }
        match &progress.state {
            State::Arriving(arrival) if arrival.written.min(most) > offset => {
                Ok(Some(Available { file: Arc::clone(&arrival.file), until: arrival.written.min(most), attempt: now }))
            }
            State::Verified => {
                drop(progress);
                Ok(Some(Available { file: Arc::new(self.open_file(slot)?), until: slot.size, attempt: now }))
            }
            State::Unavailable => Err(ErrorKind::NotFound.into()),
            _ => Ok(None),
        }
    }

    /// Ends all waiting, now and later.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        for slot in &self.slots {
            // Whoever looked at `closed` before it was set waits by the time the lock is free.
            drop(slot.lock());
            slot.changed.notify_all();
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn unwritable(&self, error: &io::Error, what: &str) -> Failure {
        let directory = self.place.directory.display();
        let sentence = if is_full(error) {
            let needs = if self.place.durable { "its volume needs more room" } else { "the registry Pod needs more ephemeral storage" };
            format!("The store {directory} is full while writing {what}: {error}; {needs}.")
        } else {
            format!("The store {directory} cannot take {what}: {error}.")
        };
        Failure::new(ExitCode::StoreUnwritable, sentence)
    }
}

/// Whether there is no room left.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}
