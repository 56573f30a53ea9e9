//! One content on its way to one client, with what the log tells of it.

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
        let mut held = None;
        let mut hold = || {
            held.get_or_insert_with(|| {
                let demand = shared.demands.as_ref().map(|demands| demands.demand(place, || shared.store.is_verified(place)));
                // Whoever reads of it finds the demand.
                if first(Happening::Held) {
                    log::event(format_args!("held kind={kind} repository={repository} digest={digest} client={client}"));
                }
                demand
            });
            !shared.is_draining()
        };
        let whole_only = kind == "manifest";
        let mut transfer = Transfer { store: &shared.store, socket, place, offset: start, end, whole_only, attempt: None };
        let sent = transfer.run(&mut head, &mut hold);
        // Whoever reads of the end below finds no demand any more.
        drop(held);
        let bytes = transfer.offset.saturating_sub(start);
        let totals = &shared.ledger.totals;
        count(&totals.bytes, bytes);
        count(if kind == "manifest" { &totals.manifests } else { &totals.blobs }, 1);
        let ms = started.elapsed().as_millis();
        match &sent {
            Ok(()) if end == content.size && first(Happening::Pulled) => {
                log::event(format_args!(
                    "pull kind={kind} repository={repository} digest={digest} size={} bytes={bytes} client={client} ms={ms}",
                    content.size
                ));
                if let Some(demands) = &shared.demands {
                    demands.pulled(place, client);
                }
            }
            Ok(()) => {}
            Err(error) => {
                count(&totals.broken, 1);
                if first(Happening::Broken) {
                    log::event(format_args!(
                        "broken kind={kind} repository={repository} digest={digest} size={} bytes={bytes} client={client} ms={ms} reason={}",
                        content.size,
                        error.kind()
                    ));
                }
            }
        }
        sent
    }
}
