//! How far one content has come, and who writes it.

use std::fs::File;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::digest::{Digest, Hasher};

pub struct Slot {
    pub digest: Digest,
    pub size: u64,
    progress: Mutex<Progress>,
    pub changed: Condvar,
}

pub struct Progress {
    pub state: State,
    /// How often what was here had to be dropped.
    pub attempt: u32,
}

pub enum State {
    Awaited,
    Arriving(Box<Arrival>),
    Verified,
    /// Nothing brings it any more.
    Unavailable,
}

/// A content whose bytes are here in part.
pub struct Arrival {
    pub file: Arc<File>,
    pub written: u64,
    pub pen: Pen,
}

/// Only one writes at a time; whoever does has the running digest.
pub enum Pen {
    Free(Hasher),
    Taken(Author),
}

pub enum Author {
    Parcel,
    /// A connection by which the bytes up to `end` come.
    Delivery {
        socket: Arc<TcpStream>,
        end: u64,
    },
}

impl Author {
    /// Ends the connection of a delivery, which then lets the pen go.
    pub fn send_away(&self) {
        if let Author::Delivery { socket, .. } = self {
            // It may be gone by itself.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Progress {
    /// Who writes right now.
    pub fn author(&self) -> Option<&Author> {
        match &self.state {
            State::Arriving(arrival) => match &arrival.pen {
                Pen::Taken(author) => Some(author),
                Pen::Free(_) => None,
            },
            _ => None,
        }
    }
}

impl Slot {
    pub fn new(digest: Digest, size: u64, state: State) -> Slot {
        Slot { digest, size, progress: Mutex::new(Progress { state, attempt: 0 }), changed: Condvar::new() }
    }

    pub fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_verified(&self) -> bool {
        matches!(self.lock().state, State::Verified)
    }

    /// How many bytes are here. The last one counts only when the digest was right: whoever hears that all are here sends nothing more.
    pub fn offset(&self, progress: &Progress) -> u64 {
        match &progress.state {
            State::Awaited | State::Unavailable => 0,
            State::Arriving(arrival) => arrival.written.min(self.size.saturating_sub(1)),
            State::Verified => self.size,
        }
    }
}
