//! Writing one content: under a temporary name, hashed on the way, renamed when its digest is right. A parcel writes a content from its
//! start; deliveries and copies go on where the one before stopped.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::slot::{Arrival, Author, Pen, Progress, Slot, State};
use super::{Store, UNFINISHED, is_full};
use crate::digest::{Digest, Hasher};
use crate::failure::{ExitCode, Failure};
use crate::system;

/// How long a connection that was sent away is waited for: it may be in the middle of a write.
const HANDOVER: Duration = Duration::from_secs(10);

/// One content on its way into the store. Readers see its bytes as soon as they are written. When it is dropped, another may go on.
pub struct Writer<'store> {
    store: &'store Store,
    slot: &'store Slot,
    file: Arc<fs::File>,
    /// None at the end, when nobody is to go on.
    hasher: Option<Hasher>,
    written: u64,
    /// Up to which byte pages are on their way to the disk.
    written_back: u64,
}

/// How many bytes are taken to the disk at a time: twice as many of a content may be dirty, a small part of what the container may have
/// (`REGISTRY_MEMORY` of the action).
pub const STRETCH: u64 = 4 << 20;

/// A content that nobody writes any more: whoever did has been sent away.
fn sent_away(slot: &Slot) -> MutexGuard<'_, Progress> {
    let mut progress = slot.lock();
    while let Some(author) = progress.author() {
        author.send_away();
        progress = slot.changed.wait(progress).unwrap_or_else(PoisonError::into_inner);
    }
    progress
}

/// Takes all the room that a content needs, where the file system can. XFS gives a file that grows up to as much again as it has, for as
/// long as it is open (fs/xfs/xfs_iomap.c, `xfs_iomap_prealloc_size`), and the kubelet evicts a Pod whose store takes more than its contents.
fn reserve(file: &fs::File, size: u64) -> io::Result<()> {
    unless_full(system::reserve(file, size))
}

/// What else is wrong with a file, or what its file system cannot do, is for the next write to say.
fn unless_full(done: io::Result<()>) -> io::Result<()> {
    done.or_else(|error| if is_full(&error) { Err(error) } else { Ok(()) })
}

/// What a delivery finds.
pub enum Claim<'store> {
    /// The content is verified.
    Whole,
    /// The delivery begins behind what is here, or another is writing that cannot be sent away.
    Refused,
    Granted(Writer<'store>),
}

impl Store {
    /// Starts to write a content out of a parcel, from its start: what a delivery has brought of it is dropped. None when the content is
    /// verified. Fails with exit code `store-unwritable`.
    pub fn writer(&self, place: usize) -> Result<Option<Writer<'_>>, Failure> {
        let slot = self.slot(place)?;
        let mut progress = sent_away(slot);
        match progress.state {
            State::Verified => return Ok(None),
            State::Arriving(_) => self.drop_bytes(slot, &mut progress)?,
            State::Awaited | State::Unavailable => {}
        }
        self.begin(slot, &mut progress, Author::Parcel).map(Some)
    }

    /// Lets a delivery write on from `first` up to `end`, once that many bytes are here, for which it waits up to `patience`. A connection
    /// that was to bring the same bytes is taken for dead and sent away, unless this one itself has ended. Fails with exit code
    /// `store-unwritable`.
    pub fn claim(&self, place: usize, first: u64, end: u64, socket: &Arc<TcpStream>, patience: Duration) -> Result<Claim<'_>, Failure> {
        let slot = self.slot(place)?;
        let author = Author::Delivery { socket: Arc::clone(socket), end };
        let mut deadline = Instant::now() + patience;
        let mut progress = slot.lock();
        loop {
            match &mut progress.state {
                State::Verified => return Ok(Claim::Whole),
                State::Awaited if first == 0 => return self.begin(slot, &mut progress, author).map(Claim::Granted),
                State::Arriving(arrival) if arrival.written >= first => match &arrival.pen {
                    Pen::Free(_) => return Ok(Claim::Granted(self.go_on(slot, arrival, author))),
                    // What is left of a connection that has ended takes over from nobody.
                    Pen::Taken(Author::Delivery { end, .. }) if *end > first && system::has_hung_up(socket) => return Ok(Claim::Refused),
                    Pen::Taken(other @ Author::Delivery { end, .. }) if *end > first => {
                        other.send_away();
                        deadline = deadline.max(Instant::now() + HANDOVER);
                    }
                    Pen::Taken(_) => {}
                },
                State::Awaited | State::Arriving(_) | State::Unavailable => {}
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.is_closed() {
                return Ok(Claim::Refused);
            }
            progress = slot.changed.wait_timeout(progress, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Lets a copy write on from what is here, unless the content is verified or another writes it: those who come by themselves go
    /// first, and may send a copy away like a delivery. Fails with exit code `store-unwritable`.
    pub fn copy(&self, place: usize, socket: &Arc<TcpStream>) -> Result<Option<Writer<'_>>, Failure> {
        let slot = self.slot(place)?;
        let author = Author::Delivery { socket: Arc::clone(socket), end: slot.size };
        let mut progress = slot.lock();
        match &mut progress.state {
            State::Awaited => self.begin(slot, &mut progress, author).map(Some),
            State::Arriving(arrival) if matches!(arrival.pen, Pen::Free(_)) => Ok(Some(self.go_on(slot, arrival, author))),
            State::Arriving(_) | State::Verified | State::Unavailable => Ok(None),
        }
    }

    /// Says that nothing brings what is missing at these places any more: those who wait for it are told so, and those who ask from now
    /// on. Returns what it is; nothing that is being written. Fails with exit code `store-unwritable`.
    pub fn give_up(&self, places: impl Fn(usize) -> bool) -> Result<Vec<Digest>, Failure> {
        let mut given_up = Vec::new();
        for (_, slot) in self.slots.iter().enumerate().filter(|(place, _)| places(*place)) {
            given_up.extend(self.give_up_one(slot, slot.lock())?);
        }
        Ok(given_up)
    }

    /// Says the same of all that is missing, also of what is being delivered: its connection is sent away. Fails with exit code
    /// `store-unwritable`.
    pub fn end_deliveries(&self) -> Result<Vec<Digest>, Failure> {
        let mut given_up = Vec::new();
        for slot in &self.slots {
            given_up.extend(self.give_up_one(slot, sent_away(slot))?);
        }
        Ok(given_up)
    }

    fn give_up_one(&self, slot: &Slot, mut progress: MutexGuard<'_, Progress>) -> Result<Option<Digest>, Failure> {
        match progress.state {
            State::Verified | State::Unavailable => return Ok(None),
            State::Arriving(_) if progress.author().is_some() => return Ok(None),
            State::Arriving(_) => self.drop_bytes(slot, &mut progress)?,
            State::Awaited => {}
        }
        progress.state = State::Unavailable;
        slot.changed.notify_all();
        Ok(Some(slot.digest))
    }

    fn slot(&self, place: usize) -> Result<&Slot, Failure> {
        self.slots.get(place).ok_or_else(|| Failure::new(ExitCode::Internal, "There is no such content."))
    }

    fn unfinished(&self, slot: &Slot) -> PathBuf {
        self.place.directory.join(slot.digest.hex() + UNFINISHED)
    }

    fn begin<'store>(&'store self, slot: &'store Slot, progress: &mut Progress, author: Author) -> Result<Writer<'store>, Failure> {
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(self.unfinished(slot));
        let file = Arc::new(opened.map_err(|error| self.unwritable(&error, &slot.digest.to_string()))?);
        progress.state = State::Arriving(Box::new(Arrival { file: Arc::clone(&file), written: 0, pen: Pen::Taken(author) }));
        Ok(Writer { store: self, slot, file, hasher: Some(Hasher::new()), written: 0, written_back: 0 })
    }

    fn go_on<'store>(&'store self, slot: &'store Slot, arrival: &mut Arrival, author: Author) -> Writer<'store> {
        let hasher = match std::mem::replace(&mut arrival.pen, Pen::Taken(author)) {
            Pen::Free(hasher) => Some(hasher),
            Pen::Taken(_) => None,
        };
        let written = arrival.written;
        Writer { store: self, slot, file: Arc::clone(&arrival.file), hasher, written, written_back: written }
    }

    /// Forgets what is here of a content that is not verified. The file goes, so that those who still read it read nothing new in it.
    fn drop_bytes(&self, slot: &Slot, progress: &mut Progress) -> Result<(), Failure> {
        progress.state = State::Awaited;
        progress.attempt = progress.attempt.wrapping_add(1);
        slot.changed.notify_all();
        match fs::remove_file(self.unfinished(slot)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.unwritable(&error, &slot.digest.to_string())),
            _ => Ok(()),
        }
    }
}

impl Writer<'_> {
    /// How many bytes are here.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Appends bytes. Fails with exit code `store-unwritable`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let room = if self.written == 0 { reserve(&self.file, self.slot.size) } else { Ok(()) };
        room.and_then(|()| (&*self.file).write_all(bytes)).map_err(|error| self.unwritable(&error))?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
        self.written = self.written.saturating_add(bytes.len() as u64);
        if let State::Arriving(arrival) = &mut self.slot.lock().state {
            arrival.written = self.written;
        }
        self.slot.changed.notify_all();
        self.write_back().map_err(|error| self.unwritable(&error))
    }

    fn unwritable(&self, error: &io::Error) -> Failure {
        self.store.unwritable(error, &format!("{} after {} of {} bytes", self.slot.digest, self.written, self.slot.size))
    }

    /// Lets little of a content wait for its way to the disk. Pages of a store count as memory of its container. Where they are all dirty, a
    /// write waits until the node's other files have been written, before which nobody writes these, and some kernels end the container
    /// (Linux' mm/vmscan.c: `VMSCAN_THROTTLE_WRITEBACK`, multi-generational LRU).
    fn write_back(&mut self) -> io::Result<()> {
        while self.written.saturating_sub(self.written_back) >= STRETCH {
            unless_full(system::write_back(&self.file, self.written_back, STRETCH, false))?;
            if let Some(before) = self.written_back.checked_sub(STRETCH) {
                unless_full(system::write_back(&self.file, before, STRETCH, true))?;
            }
            self.written_back = self.written_back.saturating_add(STRETCH);
        }
        Ok(())
    }

    /// Checks the digest of the whole content and gives the file its final name. When the digest is another one, returns it: all that is
    /// here is forgotten then. `announce` is called when it is right, before readers get the last byte. Fails with exit code
    /// `store-unwritable`.
    pub fn finish(mut self, announce: impl FnOnce()) -> Result<Result<(), Digest>, Failure> {
        let found = self.hasher.take().unwrap_or_default().finish();
        if found != self.slot.digest {
            return self.store.drop_bytes(self.slot, &mut self.slot.lock()).map(|()| Err(found));
        }
        let settled = self.store.place.settle(&self.file, &self.slot.digest.hex());
        settled.map_err(|error| self.store.unwritable(&error, &self.slot.digest.to_string()))?;
        announce();
        self.slot.lock().state = State::Verified;
        self.store.missing.fetch_sub(1, Ordering::AcqRel);
        self.slot.changed.notify_all();
        // Small contents are many. What does not come to the disk here is for those who read it.
        let _ = system::write_back(&self.file, self.written_back, STRETCH, false);
        Ok(Ok(()))
    }
}

impl Drop for Writer<'_> {
    /// Lets another go on.
    fn drop(&mut self) {
        let Some(hasher) = self.hasher.take() else {
            return;
        };
        let mut progress = self.slot.lock();
        match &mut progress.state {
            // What nothing came of keeps no file open.
            State::Arriving(arrival) if arrival.written == 0 => progress.state = State::Awaited,
            State::Arriving(arrival) => arrival.pen = Pen::Free(hasher),
            _ => {}
        }
        self.slot.changed.notify_all();
    }
}
