//! How many connections there may be, how long they may be silent, and what they cost.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use jackal_injector::system::raise_open_files;

use super::{connect, fill, pair, passes, patient, relayed, relayed_by};
use crate::process::{Injector, binary, shipped, value};
use crate::refusals::refuse;

/// Two numbers of the open connection that has this port here, from /proc/net/tcp: field 4 is the bytes that wait to be sent and confirmed,
/// and those that wait to be read; field 5 is the kind of the timer that runs, and how many hundredths of a second it has left.
fn figures(relay: &Injector, port: u16, field: usize) -> (u64, u64) {
    let table = std::fs::read_to_string(format!("/proc/{}/net/tcp", relay.pid())).unwrap();
    let mut lines = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let own = lines.find(|fields| fields[1].ends_with(&format!(":{port:04X}")) && fields[3] == "01").unwrap();
    let (first, second) = own[field].split_once(':').unwrap();
    let number = |text| u64::from_str_radix(text, 16).unwrap();
    (number(first), number(second))
}

/// Waits until the figures are as they should be, and returns them.
fn figures_once(relay: &Injector, port: u16, field: usize, right: impl Fn(u64, u64) -> bool) -> (u64, u64) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let (first, second) = figures(relay, port, field);
        if right(first, second) {
            return (first, second);
        }
        assert!(Instant::now() < deadline, "{first} {second}");
        std::thread::yield_now();
    }
}

#[test]
fn silent_connections_stay_and_the_kernel_asks_whether_both_sides_are_there() {
    let (registry, relay, address) = relayed();
    let (client, server) = pair(&registry, address);
    passes(&client, &server, b"x");
    passes(&server, &client, b"y");
    // The relay's own two: its port towards the client, and the one that the registry sees.
    for port in [address.port(), server.peer_addr().unwrap().port()] {
        // A confirmation that is still on its way has its timer (1) first; 2 is the one that asks.
        let (_, left) = figures_once(&relay, port, 5, |kind, _| kind == 2);
        assert!(left <= 3000, "asked only in {left} hundredths of a second");
    }
}

#[test]
fn what_a_client_does_not_take_waits_at_the_registry() {
    let (registry, relay, address) = relayed();
    let (client, server) = pair(&registry, address);
    assert!(fill(&server) > 0);
    // The relay leaves bytes unread because the client's side takes no more.
    figures_once(&relay, server.peer_addr().unwrap().port(), 4, |_, unread| unread > 0);
    let (unsent, _) = figures_once(&relay, address.port(), 4, |unsent, _| unsent > 0);
    assert!(unsent < 512 << 10, "{unsent} bytes");
    drop(client);
}

/// Opens `count` connections, and lets each pass a number there and back.
fn crowd(registry: &TcpListener, address: SocketAddr, count: u32) -> Vec<(TcpStream, TcpStream)> {
    let open = |number: u32| {
        let (client, server) = pair(registry, address);
        passes(&client, &server, &number.to_le_bytes());
        passes(&server, &client, &number.to_be_bytes());
        (client, server)
    };
    (0..count).map(open).collect()
}

/// Files of the test itself: three ends of each pair are its own or the listener's queue's.
const FILES: u64 = 3_000;

#[test]
fn a_thousand_connections_are_open_at_once_and_one_more_waits_for_a_place() {
    assert!(raise_open_files() > FILES, "the test needs 2,000 files of its own");
    let (registry, relay, address) = relayed();
    assert_eq!(value(&relay.line("relaying", ""), "connections"), "1000");
    let mut pairs = crowd(&registry, address, 1000);
    let mut late = connect(address);
    late.write_all(b"late").unwrap();
    // The relay has heard of it, at the latest with the first of these, and would have taken it before the second passed.
    passes(&pairs[0].0, &pairs[0].1, b"x");
    passes(&pairs[0].0, &pairs[0].1, b"x");
    registry.set_nonblocking(true).unwrap();
    assert_eq!(registry.accept().map(drop).unwrap_err().kind(), ErrorKind::WouldBlock);
    registry.set_nonblocking(false).unwrap();
    for (client, server) in &pairs {
        passes(client, server, b"up");
        passes(server, client, b"down");
    }
    drop(pairs.pop());
    let mut server = patient(registry.accept().unwrap().0);
    let mut taken = [0; 4];
    server.read_exact(&mut taken).unwrap();
    assert_eq!(&taken, b"late");
    passes(&server, &late, b"answer");
}

#[test]
fn there_are_as_many_places_as_open_files_allow() {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""]).arg(binary());
    let (registry, relay, address) = relayed_by(command);
    assert_eq!(value(&relay.line("relaying", ""), "connections"), "16");
    let mut pairs = crowd(&registry, address, 16);
    let late = connect(address);
    passes(&pairs[0].0, &pairs[0].1, b"x");
    passes(&pairs[0].0, &pairs[0].1, b"x");
    drop(pairs.pop());
    let server = patient(registry.accept().unwrap().0);
    passes(&late, &server, b"late");
}

#[test]
fn without_a_limit_for_what_is_unsent_bytes_pass_all_the_same() {
    let mut command = Command::new(binary());
    refuse(&mut command, libc::SYS_setsockopt, Some((2, libc::TCP_NOTSENT_LOWAT)), libc::ENOPROTOOPT);
    let (registry, _relay, address) = relayed_by(command);
    let client = connect(address);
    let server = patient(registry.accept().unwrap().0);
    passes(&client, &server, b"request");
    passes(&server, &client, b"answer");
}

#[test]
fn a_thousand_connections_and_half_a_gigabyte_take_less_than_two_mebibytes() {
    const ALL: usize = 500_000_000;
    assert!(raise_open_files() > FILES, "the test needs 2,000 files of its own");
    let (registry, relay, address) = relayed_by(Command::new(shipped()));
    let started = relay.memory("VmRSS:");
    let mut pairs = crowd(&registry, address, 1000);
    let open = relay.memory("VmRSS:");
    let (client, server) = pairs.pop().unwrap();
    let clock = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut server, piece) = (&server, vec![9; 1_000_000]);
            (0..ALL / piece.len()).for_each(|_| server.write_all(&piece).unwrap());
            server.shutdown(Shutdown::Write).unwrap();
        });
        assert_eq!(std::io::copy(&mut &client, &mut std::io::sink()).unwrap(), ALL as u64);
    });
    let rate = ALL as f64 / 1e6 / clock.elapsed().as_secs_f64();
    let peak = relay.memory("VmHWM:");
    println!("started {started} KiB, 1,000 connections {open} KiB, peak {peak} KiB; 500 MB at {rate:.0} MB/s");
    assert!(peak < 2 << 10, "{peak} KiB");
}
