//! Connections that wait for a request, in the order in which they began to wait.

use std::time::Instant;

/// A waiting connection. `C` is what it is made of, so that the order can be tested without sockets.
pub struct Waiting<C> {
    key: u64,
    pub connection: C,
    /// Whether it has had an answer. A client asks again by itself when such a connection closes under its request (RFC 9112, 9.3.1),
    /// but not when its very first request is lost.
    pub answered: bool,
    until: Instant,
}

pub struct Idle<C> {
    /// By key, and so by age: keys only grow.
    waiting: Vec<Waiting<C>>,
    next: u64,
}

impl<C> Default for Idle<C> {
    fn default() -> Idle<C> {
        Idle { waiting: Vec::new(), next: 0 }
    }
}

impl<C> Idle<C> {
    /// Adds a connection that may wait until `until`. Returns its key.
    pub fn insert(&mut self, connection: C, answered: bool, until: Instant) -> u64 {
        let key = self.next;
        self.next = self.next.saturating_add(1);
        self.waiting.push(Waiting { key, connection, answered, until });
        key
    }

    fn find(&self, key: u64) -> Option<usize> {
        self.waiting.binary_search_by(|waiting| waiting.key.cmp(&key)).ok()
    }

    /// Whether the connection with that key still waits.
    pub fn contains(&self, key: u64) -> bool {
        self.find(key).is_some()
    }

    /// Takes out the connection with that key, if it still waits.
    pub fn take(&mut self, key: u64) -> Option<Waiting<C>> {
        let place = self.find(key)?;
        Some(self.waiting.remove(place))
    }

    /// Takes out the one that can best be done without: which has waited longest of those that had an answer, else of all.
    pub fn give_up(&mut self) -> Option<Waiting<C>> {
        let place = self.waiting.iter().position(|waiting| waiting.answered).unwrap_or(0);
        if place < self.waiting.len() { Some(self.waiting.remove(place)) } else { None }
    }

    /// Takes out one that has waited long enough.
    pub fn expire(&mut self, now: Instant) -> Option<Waiting<C>> {
        let place = self.waiting.iter().position(|waiting| waiting.until <= now)?;
        Some(self.waiting.remove(place))
    }
}
