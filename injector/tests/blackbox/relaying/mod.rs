//! `relay`. The registry is a listener of the test itself, so nothing comes from it that the test did not let through.

mod addresses;
mod life;
mod limits;
mod passing;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use crate::process::{Injector, binary, value};

/// Relays to `to` by a command that ends in the binary.
pub fn relay(mut command: Command, to: SocketAddr, listen: &[&str]) -> Injector {
    command.args(["relay", "--to", &to.to_string()]);
    for place in listen {
        command.args(["--listen", place]);
    }
    Injector::start(command)
}

/// The addresses that a relay says it listens at.
pub fn addresses(relay: &Injector) -> Vec<SocketAddr> {
    value(&relay.line("relaying", ""), "address").split(',').map(|address| address.parse().unwrap()).collect()
}

/// A registry, a relay to it, and where that listens.
pub fn relayed() -> (TcpListener, Injector, SocketAddr) {
    relayed_by(Command::new(binary()))
}

pub fn relayed_by(command: Command) -> (TcpListener, Injector, SocketAddr) {
    let registry = TcpListener::bind("127.0.0.1:0").unwrap();
    let relay = relay(command, registry.local_addr().unwrap(), &["127.0.0.1:0"]);
    let address = addresses(&relay)[0];
    (registry, relay, address)
}

pub fn patient(socket: TcpStream) -> TcpStream {
    // Far beyond what anything takes: a test that hangs shall say where.
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    socket.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
    socket
}

pub fn connect(address: SocketAddr) -> TcpStream {
    patient(TcpStream::connect(address).unwrap())
}

/// A client's connection and what it becomes at the registry.
pub fn pair(registry: &TcpListener, address: SocketAddr) -> (TcpStream, TcpStream) {
    let client = connect(address);
    (client, patient(registry.accept().unwrap().0))
}

/// Sends bytes from one side and takes them from the other.
pub fn passes(mut from: &TcpStream, mut to: &TcpStream, bytes: &[u8]) {
    from.write_all(bytes).unwrap();
    let mut taken = vec![0; bytes.len()];
    to.read_exact(&mut taken).unwrap();
    assert!(taken == bytes);
}

/// All that still comes, up to the proper end.
pub fn rest(mut from: &TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).unwrap();
    bytes
}

/// The error that ends what comes, however much of it there is.
pub fn error(mut from: &TcpStream) -> ErrorKind {
    let mut bytes = vec![0; 1 << 20];
    loop {
        match from.read(&mut bytes) {
            Ok(0) => panic!("a proper end where a reset should be"),
            Ok(_) => {}
            // The kernel may end a wait early that has a limit of time.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return error.kind(),
        }
    }
}

/// Writes for as long as anything is taken. Returns how much that was.
pub fn fill(mut socket: &TcpStream) -> usize {
    socket.set_nonblocking(true).unwrap();
    let (piece, mut total) = (vec![7; 1 << 20], 0);
    loop {
        match socket.write(&piece) {
            Ok(count) => total += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => panic!("{error}"),
        }
    }
    socket.set_nonblocking(false).unwrap();
    total
}
