//! What all connections of a run share: the catalog, the store, the counts, and whether the end has come.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::catalog::Catalog;
use crate::failure::Failure;
use crate::intake::store::Store;
use crate::log;
use crate::server::demands::Demands;
use crate::server::ledger::{Ledger, count};

/// How long the kubelet's question whether all is verified is held before it is answered with no. Else the kubelet, which asks once in a
/// second, would learn of it half a second late. Less than the probe's timeout.
const READINESS_PATIENCE: Duration = Duration::from_secs(4);
/// How long answers may go on after SIGTERM; with it the process ends within 2 s.
const DRAIN: Duration = Duration::from_millis(1500);

pub struct Shared {
    pub catalog: Catalog,
    pub store: Store,
    pub ledger: Ledger,
    /// None when nobody can deliver what is demanded, and nothing is copied.
    pub demands: Option<Arc<Demands>>,
    /// How long a client may take no byte.
    pub stall: Duration,
    draining: AtomicBool,
    ready: Mutex<bool>,
    settled: Condvar,
    active: Mutex<usize>,
    idle: Condvar,
}

impl Shared {
    pub fn new(catalog: Catalog, store: Store, stall: Duration, demands: Option<Arc<Demands>>) -> Shared {
        Shared {
            catalog,
            store,
            ledger: Ledger::default(),
            demands,
            stall,
            draining: AtomicBool::new(false),
            ready: Mutex::new(false),
            settled: Condvar::new(),
            active: Mutex::new(0),
            idle: Condvar::new(),
        }
    }

    /// Says that nothing on the mounts is needed any more.
    pub fn be_ready(&self) {
        *self.ready.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.settled.notify_all();
    }

    /// Waits for that, for a while, and returns whether it is so.
    pub fn await_ready(&self) -> bool {
        let awaited = |ready: &mut bool| !*ready && !self.is_draining();
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let (ready, _) = self.settled.wait_timeout_while(ready, READINESS_PATIENCE, awaited).unwrap_or_else(PoisonError::into_inner);
        *ready && !self.is_draining()
    }

    /// Takes it that nothing more is delivered, now and after a restart. Fails with exit code `store-unwritable`.
    pub fn end_deliveries(&self) -> Result<(), Failure> {
        self.store.keep_end(&self.catalog.identity)?;
        self.give_up_undelivered()
    }

    /// Gives up what nobody delivers any more, when that was said; as long as parcels are taken or copies made they may bring it. Fails
    /// with exit code `store-unwritable`.
    pub fn give_up_undelivered(&self) -> Result<(), Failure> {
        let is_ready = *self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if is_ready && self.store.has_ended(&self.catalog.identity) {
            for digest in self.store.end_deliveries()? {
                log::event(format_args!("unavailable digest={digest}"));
            }
        }
        Ok(())
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    pub fn ledger_request(&self) {
        count(&self.ledger.totals.requests, 1);
    }

    /// Counts a request as being answered until the returned value is dropped.
    pub fn begin_request(&self) -> Active<'_> {
        self.ledger_request();
        *self.active.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Active(self)
    }

    /// Lets answers that are under way come to their end, for a while; answers that wait for content end at once.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
        // Whoever looked at `draining` before it was set waits by the time the lock is free.
        drop(self.ready.lock());
        self.settled.notify_all();
        self.store.close();
        let active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.idle.wait_timeout_while(active, DRAIN, |active| *active > 0));
    }
}

/// A request that is being answered.
pub struct Active<'run>(&'run Shared);

impl Drop for Active<'_> {
    fn drop(&mut self) {
        let mut active = self.0.active.lock().unwrap_or_else(PoisonError::into_inner);
        *active = active.saturating_sub(1);
        self.0.idle.notify_all();
    }
}
