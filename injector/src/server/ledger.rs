//! Who asked for what: first-time events for the log, and totals for its last line.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Clients whose events are told one by one. More nodes than one cluster supports (5,000); beyond it, only totals.
const MOST_CLIENTS: usize = 8192;

/// What happened between a client and a content. Each is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Happening {
    Held = 1,
    Pulled = 2,
    Broken = 4,
}

/// Counts since the start.
#[derive(Default)]
pub struct Totals {
    pub connections: AtomicU64,
    pub requests: AtomicU64,
    /// Answers with a status of 400 and above.
    pub refused: AtomicU64,
    pub manifests: AtomicU64,
    pub blobs: AtomicU64,
    /// Bytes of contents sent.
    pub bytes: AtomicU64,
    /// Contents that were not sent to their end.
    pub broken: AtomicU64,
}

pub fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

#[derive(Default)]
pub struct Ledger {
    pub totals: Totals,
    clients: Mutex<Vec<(IpAddr, Vec<u8>)>>,
}

impl Ledger {
    /// Whether this is the first time that `happening` befell the client and the content at `place` (of `places`).
    pub fn is_first(&self, client: IpAddr, place: usize, places: usize, happening: Happening) -> bool {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match clients.binary_search_by(|(known, _)| known.cmp(&client)) {
            Ok(index) => index,
            Err(_) if clients.len() >= MOST_CLIENTS => return false,
            Err(index) => {
                clients.insert(index, (client, vec![0; places]));
                index
            }
        };
        let Some(marks) = clients.get_mut(index).and_then(|(_, marks)| marks.get_mut(place)) else {
            return false;
        };
        let first = *marks & happening as u8 == 0;
        *marks |= happening as u8;
        first
    }

    /// The totals as `key=value` pairs.
    pub fn summary(&self) -> String {
        let totals = &self.totals;
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner).len();
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        format!(
            "connections={} clients={clients} requests={} refused={} manifests={} blobs={} bytes={} broken={}",
            read(&totals.connections),
            read(&totals.requests),
            read(&totals.refused),
            read(&totals.manifests),
            read(&totals.blobs),
            read(&totals.bytes),
            read(&totals.broken)
        )
    }
}
