//! One content on its way to one client, with what the log tells of it.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, TcpStream};
use std::time::Instant;

use crate::ledger::{Happening, count};
use crate::log;
use crate::shared::Shared;
use crate::transfer::Transfer;

pub struct Delivery<'run> {
    pub shared: &'run Shared,
    pub socket: &'run TcpStream,
    pub client: IpAddr,
    /// `manifest` or `blob`.
    pub kind: &'static str,
    pub repository: &'run str,
}

impl Delivery<'_> {
    /// Sends `head` and the bytes `start..end` of the content at `place` of the catalog, waiting for those that have not arrived.
    pub fn run(&self, place: usize, start: u64, end: u64, mut head: Vec<u8>) -> io::Result<()> {
        let Delivery { shared, socket, client, kind, repository } = *self;
        let Some(content) = shared.catalog.contents.get(place) else {
            return Err(ErrorKind::NotFound.into());
        };
        let first = |happening| shared.ledger.is_first(client, place, shared.catalog.contents.len(), happening);
        let digest = content.digest;
        let started = Instant::now();
        let mut held = false;
        let mut hold = || {
            if !held && first(Happening::Held) {
                log::event(format_args!("held kind={kind} repository={repository} digest={digest} client={client}"));
            }
            held = true;
            !shared.is_draining()
        };
        let mut transfer = Transfer { store: &shared.store, socket, place, offset: start, end, whole_only: kind == "manifest" };
        let sent = transfer.run(&mut head, &mut hold);
        let bytes = transfer.offset.saturating_sub(start);
        let totals = &shared.ledger.totals;
        count(&totals.bytes, bytes);
        count(if kind == "manifest" { &totals.manifests } else { &totals.blobs }, 1);
        let ms = started.elapsed().as_millis();
        match &sent {
            Ok(()) if end == content.size && first(Happening::Pulled) => log::event(format_args!(
                "pull kind={kind} repository={repository} digest={digest} size={} bytes={bytes} client={client} ms={ms}",
                content.size
            )),
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
