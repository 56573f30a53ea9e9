//! `relay`: bytes pass both ways as they are, and so does the end of each half.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::process::{Injector, binary, shipped, value};

const LOCAL: &str = "127.0.0.1:0";
/// Far above what anything here takes; a test that hangs ends by it.
const LONG: Duration = Duration::from_secs(60);

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(LOCAL).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn relay_by(mut command: Command, to: SocketAddr, listen: &[&str]) -> Injector {
    command.args(["relay", "--to", &to.to_string()]);
    for place in listen {
        command.args(["--listen", place]);
    }
    Injector::start(command)
}

/// A relay to this address, and where it listens.
fn relay_to(to: SocketAddr) -> (Injector, SocketAddr) {
    let injector = relay_by(Command::new(binary()), to, &[LOCAL]);
    let address = value(&injector.line("relaying", ""), "address").parse().unwrap();
    (injector, address)
}

fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(LONG)).unwrap();
    socket.set_write_timeout(Some(LONG)).unwrap();
    socket
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (socket, _) = listener.accept().unwrap();
    socket.set_read_timeout(Some(LONG)).unwrap();
    socket
}

fn read_all(mut socket: &TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).unwrap();
    bytes
}

/// Whether the other side has closed or reset the connection.
fn is_over(mut socket: &TcpStream) -> bool {
    match socket.read(&mut [0]) {
        Ok(count) => count == 0,
        Err(error) => matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
    }
}

#[test]
fn each_half_ends_by_itself_and_loses_nothing() {
    let (server, to) = listener();
    let (_relay, address) = relay_to(to);
    let question: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    let answer: Vec<u8> = (0..5_000_000_u32).map(|number| (number % 241) as u8).collect();
    let mut client = connect(address);
    let peer = accept(&server);
    thread::scope(|scope| {
        scope.spawn(|| {
            client.write_all(&question).unwrap();
            client.shutdown(Shutdown::Write).unwrap();
        });
        // The answer begins only when all of the question is there, and its end.
        assert!(read_all(&peer) == question);
    });
    thread::scope(|scope| {
        scope.spawn(|| {
            (&peer).write_all(&answer).unwrap();
            peer.shutdown(Shutdown::Write).unwrap();
        });
        assert!(read_all(&client) == answer);
    });
}

#[test]
fn the_servers_half_may_end_first() {
    let (server, to) = listener();
    let (_relay, address) = relay_to(to);
    let mut client = connect(address);
    let peer = accept(&server);
    peer.shutdown(Shutdown::Write).unwrap();
    assert!(read_all(&client).is_empty());
    client.write_all(b"still here").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&peer), b"still here");
}

#[test]
fn a_side_that_is_gone_ends_the_other() {
    let (server, to) = listener();
    let (_relay, address) = relay_to(to);
    // Bytes that nobody has read make the end a reset.
    let mut client = connect(address);
    let peer = accept(&server);
    client.write_all(&[1; 100]).unwrap();
    let mut byte = [0];
    (&peer).read_exact(&mut byte).unwrap();
    drop(peer);
    assert!(is_over(&client));
    let client = connect(address);
    let mut peer = accept(&server);
    peer.write_all(&[1; 100]).unwrap();
    (&client).read_exact(&mut byte).unwrap();
    drop(client);
    assert!(is_over(&peer));
}

#[test]
fn a_server_that_refuses_ends_the_connection_and_the_next_one_is_served() {
    let (server, to) = listener();
    drop(server);
    let (_relay, address) = relay_to(to);
    assert!(is_over(&connect(address)));
    let server = TcpListener::bind(to).unwrap();
    let mut client = connect(address);
    client.write_all(b"now").unwrap();
    let mut bytes = [0; 3];
    accept(&server).read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"now");
}

#[test]
fn a_thousand_connections_at_once_take_little_memory() {
    const MANY: usize = 1000;
    let (server, to) = listener();
    let injector = relay_by(Command::new(shipped()), to, &[LOCAL]);
    let address = value(&injector.line("relaying", ""), "address").parse().unwrap();
    let pairs: Vec<(TcpStream, TcpStream)> = (0..MANY).map(|_| (connect(address), accept(&server))).collect();
    // Each has as much on its way as the kernel takes, and nobody reads.
    let full = pairs.iter().map(|(client, peer)| {
        peer.set_nonblocking(true).unwrap();
        let mut sent = 0;
        while let Ok(count) = { peer }.write(&[7; 64 << 10]) {
            sent += count;
            if sent > 1 << 20 {
                break;
            }
        }
        (client, peer, sent)
    });
    let full: Vec<_> = full.collect();
    let peak = injector.memory("VmHWM:");
    println!("{MANY} connections, none of which is read: peak {peak} KiB");
    assert!(peak < 8 << 10, "{peak} KiB");
    for (client, peer, sent) in full {
        peer.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_all(client).len(), sent);
    }
}

#[test]
fn much_passes_in_little_memory() {
    const BYTES: usize = 500_000_000;
    let (server, to) = listener();
    let injector = relay_by(Command::new(shipped()), to, &[LOCAL]);
    let address = value(&injector.line("relaying", ""), "address").parse().unwrap();
    let client = connect(address);
    let mut peer = accept(&server);
    let mut total = 0;
    thread::scope(|scope| {
        scope.spawn(move || {
            let piece = vec![3; 1_000_000];
            for _ in 0..BYTES / piece.len() {
                peer.write_all(&piece).unwrap();
            }
        });
        let mut piece = vec![0; 256 << 10];
        loop {
            match { &client }.read(&mut piece).unwrap() {
                0 => break,
                count => total += count,
            }
        }
    });
    assert_eq!(total, BYTES);
    let peak = injector.memory("VmHWM:");
    println!("500 MB: peak {peak} KiB");
    assert!(peak < 4 << 10, "{peak} KiB");
}

#[test]
fn it_ends_at_sigterm_and_says_what_it_has_passed_on() {
    let (server, to) = listener();
    let (injector, address) = relay_to(to);
    let mut client = connect(address);
    let mut peer = accept(&server);
    client.write_all(b"0123456789").unwrap();
    peer.read_exact(&mut [0; 10]).unwrap();
    injector.signal("TERM");
    let (status, lines) = injector.end();
    assert_eq!(status.code(), Some(0));
    assert!(lines.last().unwrap().starts_with("jackal stopped connections=1 bytes=10 ms="), "{lines:?}");
    assert!(is_over(&client));
}

#[test]
fn it_listens_at_each_address_that_the_machine_has() {
    let (server, to) = listener();
    // A family of documentation addresses, which no machine has.
    let injector = relay_by(Command::new(binary()), to, &["[2001:db8::1]:0", LOCAL, "127.0.0.2:0"]);
    assert_eq!(injector.line("left-out", ""), "jackal left-out address=[2001:db8::1]:0");
    for host in ["127.0.0.1:", "127.0.0.2:"] {
        let line = injector.line("relaying", &format!("address={host}"));
        let _client = connect(value(&line, "address").parse().unwrap());
        accept(&server);
        assert_eq!(value(&line, "to"), to.to_string());
    }
}

#[test]
fn without_an_address_or_with_a_port_that_is_taken_it_is_16() {
    let (_server, to) = listener();
    let taken = to.to_string();
    for (listen, words) in [(vec!["[2001:db8::1]:0"], "[2001:db8::1]:0"), (vec![LOCAL, &taken], taken.as_str())] {
        let (status, lines) = relay_by(Command::new(binary()), to, &listen).end();
        assert_eq!(status.code(), Some(16));
        let fatal = format!("jackal fatal code=listen-failed exit=16 message=Port {words} cannot be listened on: ");
        assert!(lines.last().unwrap().starts_with(&fatal), "{lines:?}");
    }
}
