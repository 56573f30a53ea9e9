//! `relay`: one thread passes bytes on, the first waits for the end.

mod splice;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use crate::commands::arguments::RelayOptions;
use crate::commands::relay::splice::{Relay, Totals};
use crate::failure::{ExitCode, Failure};
use crate::server::listen::lacks_ipv6;
use crate::{log, system};

/// Stack of the thread that passes bytes on.
const STACK: usize = 256 << 10;

/// Passes connections on until SIGTERM. Fails with exit code `listen-failed` when a port is taken, or no address can be listened at.
pub fn run(options: RelayOptions) -> Result<(), Failure> {
    let started = Instant::now();
    system::block_termination()?;
    let files = system::raise_open_files();
    let listeners = listen(&options)?;
    let totals = Arc::new(Totals::default());
    let counted = Arc::clone(&totals);
    let work = move || match Relay::new(&listeners, options.to, files, &counted) {
        Ok(mut relay) => {
            for address in listeners.iter().flat_map(TcpListener::local_addr) {
                log::event(format_args!("relaying address={address} to={} connections={}", options.to, relay.most_connections()));
            }
            relay.run();
        }
        Err(error) => log::fatal(&Failure::new(ExitCode::Internal, format!("The relay cannot begin: {error}."))),
    };
    thread::Builder::new()
        .name("relay".into())
        .stack_size(STACK)
        .spawn(work)
        .map_err(|error| Failure::new(ExitCode::Internal, format!("The relay's thread cannot be started: {error}.")))?;
    system::await_termination();
    let (connections, bytes) = (totals.connections.load(Ordering::Relaxed), totals.bytes.load(Ordering::Relaxed));
    log::last(format_args!("stopped connections={connections} bytes={bytes} ms={}", started.elapsed().as_millis()))
}

/// Listens at each address; one of a family that this machine lacks is left out, as long as there is another.
fn listen(options: &RelayOptions) -> Result<Vec<TcpListener>, Failure> {
    let mut listeners = Vec::new();
    let mut lacking = None;
    for place in &options.listen {
        match place.bind() {
            Ok(listener) => listeners.push(listener),
            Err(error) if lacks_ipv6(&error) => {
                log::event(format_args!("left-out address={place}"));
                lacking = Some((place, error));
            }
            Err(error) => return Err(refused(place, &error)),
        }
    }
    match lacking {
        Some((place, error)) if listeners.is_empty() => Err(refused(place, &error)),
        _ => Ok(listeners),
    }
}

fn refused(place: &impl std::fmt::Display, error: &std::io::Error) -> Failure {
    Failure::new(ExitCode::ListenFailed, format!("Port {place} cannot be listened on: {error}."))
}
