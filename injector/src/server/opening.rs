//! How the registry comes to be: at the start when its catalog is mounted or was kept, else when its catalog is delivered. It does so once.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::catalog::Catalog;
use crate::digest;
use crate::failure::{ExitCode, Failure};
use crate::intake::store::{Place, Store};
use crate::log;
use crate::server::demands::Demands;
use crate::server::shared::Shared;

/// Most characters that are told of why a catalog is refused: it may quote a whole line.
const LONGEST_REASON: usize = 1000;

/// What is done as soon as there is a registry.
type Begin = Box<dyn Fn(&Arc<Shared>) -> Result<(), Failure> + Send + Sync>;

pub struct Opening {
    /// Where the store is.
    store: Place,
    /// How long a client may take no byte.
    stall: Duration,
    demands: Option<Arc<Demands>>,
    begin: Begin,
    registry: OnceLock<Arc<Shared>>,
    /// Held while a catalog that was delivered is looked at.
    turn: Mutex<()>,
}

/// What a catalog that is delivered comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It is the registry's, now or before.
    Taken,
    /// The registry has another one.
    Other,
    /// It is no catalog, or none that can be delivered.
    Refused,
}

impl Opening {
    /// `begin` is called once there is a registry; those who deliver can see it by then.
    pub fn new(store: Place, stall: Duration, demands: Option<Arc<Demands>>, begin: Begin) -> Opening {
        Opening { store, stall, demands, begin, registry: OnceLock::new(), turn: Mutex::default() }
    }

    /// The registry, once there is one.
    pub fn registry(&self) -> Option<&Shared> {
        self.registry.get().map(|shared| &**shared)
    }

    /// Opens the registry of a mounted catalog. Fails with exit code `store-unwritable`, or as `begin` does.
    pub fn open(&self, catalog: Catalog) -> Result<(), Failure> {
        let store = Store::open(self.store.clone(), &catalog)?;
        self.found(catalog, store)
    }

    /// Opens the registry of the catalog that was delivered to an earlier process, if there was one. One that cannot be used counts as
    /// none, for it may be delivered again; but not in a store that outlives those who deliver. Fails with exit code `catalog` then, and
    /// as [`Opening::open`] does.
    pub fn resume(&self) -> Result<(), Failure> {
        let reason = match self.store.kept_catalog() {
            Ok(None) => return Ok(()),
            Ok(Some(bytes)) => match self.look_at(&bytes)? {
                Ok(_) => return Ok(()),
                Err(reason) => reason,
            },
            Err(error) => format!("it cannot be read: {error}"),
        };
        if self.store.durable {
            let directory = self.store.directory.display();
            return Err(Failure::new(ExitCode::Catalog, format!("The catalog that was kept in the store {directory} is wrong: {reason}.")));
        }
        refuse(&reason);
        Ok(())
    }

    /// Takes a catalog that was delivered, and keeps it, unless there is one. Fails as [`Opening::open`] does.
    pub fn offer(&self, bytes: &[u8]) -> Result<Offer, Failure> {
        Ok(self.look_at(bytes)?.unwrap_or_else(|reason| {
            refuse(&reason);
            Offer::Refused
        }))
    }

    /// Does what [`Opening::offer`] says, but for telling why a catalog is refused: that is returned.
    fn look_at(&self, bytes: &[u8]) -> Result<Result<Offer, String>, Failure> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = self.registry() {
            return Ok(Ok(if shared.catalog.identity == digest::of(bytes) { Offer::Taken } else { Offer::Other }));
        }
        let catalog = match Catalog::parse(bytes).and_then(without_parcels) {
            Ok(catalog) => catalog,
            Err(reason) => return Ok(Err(reason)),
        };
        let store = Store::open(self.store.clone(), &catalog)?;
        store.keep_catalog(bytes)?;
        self.found(catalog, store)?;
        Ok(Ok(Offer::Taken))
    }

    fn found(&self, catalog: Catalog, store: Store) -> Result<(), Failure> {
        let shared = self.registry.get_or_init(|| Arc::new(Shared::new(catalog, store, self.stall, self.demands.clone())));
        (self.begin)(shared)
    }
}

/// Tells why a catalog is refused.
fn refuse(reason: &str) {
    log::event(format_args!("refused reason={reason:.LONGEST_REASON$}"));
}

/// The chunks of parcels are mounted, and so is the catalog that lists them.
fn without_parcels(catalog: Catalog) -> Result<Catalog, String> {
    match catalog.parcels.first() {
        None => Ok(catalog),
        Some(parcel) => Err(format!("it lists parcel {}, but a catalog that is delivered has none", parcel.name)),
    }
}
