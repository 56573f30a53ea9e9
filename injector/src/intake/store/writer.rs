//! Writing one content: under a temporary name, hashed on the way, renamed when its digest is right.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{State, Store, UNFINISHED, lock};
use crate::digest::Hasher;
use crate::failure::{ExitCode, Failure};

/// One content on its way into the store. Readers see its bytes as soon as they are written.
pub struct Writer<'store> {
    store: &'store Store,
    place: usize,
    file: Arc<File>,
    unfinished: PathBuf,
    hasher: Hasher,
    written: u64,
}

impl Store {
    /// Starts to write a content. Fails with exit code `store-unwritable`.
    pub fn writer(&self, place: usize) -> Result<Writer<'_>, Failure> {
        let slot = self.slots.get(place).ok_or_else(|| Failure::new(ExitCode::Internal, "There is no such content."))?;
        let unfinished = self.directory.join(slot.digest.hex() + UNFINISHED);
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&unfinished);
        let file = Arc::new(opened.map_err(|error| self.unwritable(&error, &slot.digest.to_string()))?);
        *lock(slot) = State::Arriving { file: Arc::clone(&file), written: 0 };
        Ok(Writer { store: self, place, file, unfinished, hasher: Hasher::new(), written: 0 })
    }
}

impl Writer<'_> {
    /// Appends bytes. Fails with exit code `store-unwritable`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(slot) = self.store.slots.get(self.place) else {
            return Ok(());
        };
        let what = || format!("{} after {} of {} bytes", slot.digest, self.written, slot.size);
        (&*self.file).write_all(bytes).map_err(|error| self.store.unwritable(&error, &what()))?;
        self.hasher.update(bytes);
        self.written = self.written.saturating_add(bytes.len() as u64);
        *lock(slot) = State::Arriving { file: Arc::clone(&self.file), written: self.written };
        slot.changed.notify_all();
        Ok(())
    }

    /// Checks the digest and gives the file its final name. Fails with exit code `blob-wrong` or `store-unwritable`.
    pub fn finish(self) -> Result<(), Failure> {
        let Some(slot) = self.store.slots.get(self.place) else {
            return Ok(());
        };
        let found = self.hasher.finish();
        if found != slot.digest {
            let sentence = format!("Blob {} is wrong: expected {}, found {found}, over {} bytes.", slot.digest, slot.digest, self.written);
            return Err(Failure::new(ExitCode::BlobWrong, sentence));
        }
        let finished = self.store.directory.join(slot.digest.hex());
        fs::rename(&self.unfinished, finished).map_err(|error| self.store.unwritable(&error, &slot.digest.to_string()))?;
        *lock(slot) = State::Verified;
        self.store.missing.fetch_sub(1, Ordering::AcqRel);
        slot.changed.notify_all();
        Ok(())
    }
}
