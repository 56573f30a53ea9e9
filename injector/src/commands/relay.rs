//! `relay`: on a node whose loopback does not lead to the registry, takes connections there and passes all that comes on, both ways.

mod pair;
mod switchboard;

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::time::Instant;

use crate::commands::arguments::RelayOptions;
use crate::commands::relay::switchboard::Switchboard;
use crate::failure::{ExitCode, Failure};
use crate::server::listen::{Listen, lacks_family};
use crate::{log, system};

/// Relays until SIGTERM. Fails with `address-in-use` or `listen-failed`.
pub fn run(options: &RelayOptions) -> Result<(), Failure> {
    let started = Instant::now();
    system::block_termination()?;
    let files = system::raise_open_files();
    let listeners = listen(&options.listen)?;
    let addresses: Vec<String> = listeners.iter().map(|(_, address)| address.to_string()).collect();
    let sockets = listeners.into_iter().map(|(listener, _)| listener).collect();
    let failed = |error| Failure::new(ExitCode::Internal, format!("The relay cannot wait for connections: {error}."));
    let ending = system::termination().map_err(failed)?;
    let switchboard = Switchboard::new(options.to, sockets, files, &ending).map_err(failed)?;
    log::event(format_args!("relaying address={} to={} connections={}", addresses.join(","), options.to, switchboard.places()));
    let totals = switchboard.run();
    log::last(format_args!("relayed {totals} ms={}", started.elapsed().as_millis()))
}

/// Listens on all of the addresses but those of a family that the node does not have, as long as one is left.
fn listen(addresses: &[SocketAddr]) -> Result<Vec<(TcpListener, SocketAddr)>, Failure> {
    let (mut listeners, mut lacking) = (Vec::new(), Vec::new());
    for address in addresses {
        match bind(*address) {
            Ok(listener) => listeners.push(listener),
            Err(error) if lacks_family(&error) => lacking.push((address, error)),
            Err(error) => return Err(refused(*address, &error)),
        }
    }
    if let (true, Some((address, error))) = (listeners.is_empty(), lacking.first()) {
        return Err(refused(**address, error));
    }
    for (address, error) in lacking {
        log::event(format_args!("omitted address={address} reason={error}"));
    }
    Ok(listeners)
}

/// Listens on one address and on nothing else: all addresses of IPv6 take no IPv4, so that both can be asked for with the same port.
fn bind(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = match address {
        SocketAddr::V4(_) => Listen::At(address).bind(),
        SocketAddr::V6(address) => system::listen_on_ipv6(address, true),
    }?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn refused(address: SocketAddr, error: &io::Error) -> Failure {
    if error.kind() == ErrorKind::AddrInUse {
        let sentence = format!("Address {address} is in use on this node already; give the relay another port, or end what listens there.");
        return Failure::new(ExitCode::AddressInUse, sentence);
    }
    Failure::new(ExitCode::ListenFailed, format!("Address {address} cannot be listened on: {error}."))
}
