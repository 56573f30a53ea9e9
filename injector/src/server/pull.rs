//! One content on its way to one client, with what the log tells of it.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, TcpStream};
use std::time::Instant;

use crate::log;
use crate::server::ledger::{Happening, count};
use crate::server::shared::Shared;
use crate::server::transfer::Transfer;

pub struct Pull<'run> {
    pub shared: &'run Shared,
    pub socket: &'run TcpStream,
    pub client: IpAddr,
    /// `manifest` or `blob`.
    pub kind: &'static str,
    pub repository: &'run str,
}

impl Pull<'_> {
    /// Sends `head` and the bytes `start..end` of the content at `place` of the catalog, waiting for those that have not arrived.
    pub fn run(&self, place: usize, start: u64, end: u64, mut head: Vec<u8>) -> io::Result<()> {
        let Pull { shared, socket, client, kind, repository } = *self;
        let Some(content) = shared.catalog.contents.get(place) else {
            return Err(ErrorKind::NotFound.into());
        };
        let first = |happening| shared.ledger.is_first(client, place, shared.catalog.contents.len(), happening);
        let digest = content.digest;
        let started = Instant::now();
        let held = RefCell::new(None);
        let hold = || {
            held.borrow_mut().get_or_insert_with(|| {
                let demand = shared.demands.as_ref().map(|demands| demands.demand(place, || shared.store.is_verified(place)));
                // Whoever reads of it finds the demand.
                if first(Happening::Held) {
                    log::event(format_args!("held kind={kind} repository={repository} digest={digest} client={client}"));
                }
                demand
            });
            !shared.is_draining()
        };
        // Whoever has all of a content finds it told, and whoever reads of that finds no demand any more.
        let announce = || {
            drop(held.take());
            if end == content.size && first(Happening::Pulled) {
                log::event(format_args!(
                    "pull kind={kind} repository={repository} digest={digest} size={end} bytes={} client={client} ms={}",
                    end.saturating_sub(start),
                    started.elapsed().as_millis()
                ));
                if let Some(demands) = &shared.demands {
                    demands.pulled(place, client);
                }
            }
        };
        let whole_only = kind == "manifest";
        let mut transfer = Transfer { store: &shared.store, socket, place, offset: start, end, whole_only, attempt: None };
        let sent = transfer.run(&mut head, hold, announce);
        // Whoever reads of the end below finds no demand any more.
        drop(held.take());
        let bytes = transfer.offset.saturating_sub(start);
        let totals = &shared.ledger.totals;
        count(&totals.bytes, bytes);
        count(if kind == "manifest" { &totals.manifests } else { &totals.blobs }, 1);
        if let Err(error) = &sent {
            count(&totals.broken, 1);
            if first(Happening::Broken) {
                log::event(format_args!(
                    "broken kind={kind} repository={repository} digest={digest} size={} bytes={bytes} client={client} ms={} reason={}",
                    content.size,
                    started.elapsed().as_millis(),
                    error.kind()
                ));
            }
        }
        sent
    }
}
