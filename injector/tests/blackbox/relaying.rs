//! `relay`: what passes, what ends it, and how many there may be. The registry is a listener of the test itself, so nothing comes from it
//! that the test did not let through.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jackal_injector::system::{self, raise_open_files};

use crate::client::Client;
use crate::endings::fails;
use crate::fixture::{Fixture, noise, path};
use crate::listening::without_ipv6;
use crate::process::{Injector, binary, shipped, value};

/// Relays to `to` by a command that ends in the binary.
fn relay(mut command: Command, to: SocketAddr, listen: &[&str]) -> Injector {
    command.args(["relay", "--to", &to.to_string()]);
    for place in listen {
        command.args(["--listen", place]);
    }
    Injector::start(command)
}

/// The addresses that a relay says it listens at.
fn addresses(relay: &Injector) -> Vec<SocketAddr> {
    value(&relay.line("relaying", ""), "address").split(',').map(|address| address.parse().unwrap()).collect()
}

/// A registry, a relay to it, and where that listens.
fn relayed() -> (TcpListener, Injector, SocketAddr) {
    relayed_by(Command::new(binary()))
}

fn relayed_by(command: Command) -> (TcpListener, Injector, SocketAddr) {
    let registry = TcpListener::bind("127.0.0.1:0").unwrap();
    let relay = relay(command, registry.local_addr().unwrap(), &["127.0.0.1:0"]);
    let address = addresses(&relay)[0];
    (registry, relay, address)
}

fn patient(socket: TcpStream) -> TcpStream {
    // Far beyond what anything takes: a test that hangs shall say where.
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    socket.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
    socket
}

fn connect(address: SocketAddr) -> TcpStream {
    patient(TcpStream::connect(address).unwrap())
}

/// A client's connection and what it becomes at the registry.
fn pair(registry: &TcpListener, address: SocketAddr) -> (TcpStream, TcpStream) {
    let client = connect(address);
    (client, patient(registry.accept().unwrap().0))
}

/// Sends bytes from one side and takes them from the other.
fn passes(mut from: &TcpStream, mut to: &TcpStream, bytes: &[u8]) {
    from.write_all(bytes).unwrap();
    let mut taken = vec![0; bytes.len()];
    to.read_exact(&mut taken).unwrap();
    assert!(taken == bytes);
}

/// All that still comes, up to the proper end.
fn rest(mut from: &TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).unwrap();
    bytes
}

/// The error that ends what comes, however much of it there is.
fn error(mut from: &TcpStream) -> ErrorKind {
    let mut bytes = vec![0; 1 << 20];
    loop {
        match from.read(&mut bytes) {
            Ok(0) => panic!("a proper end where a reset should be"),
            Ok(_) => {}
            Err(error) => return error.kind(),
        }
    }
}

/// Writes for as long as anything is taken. Returns how much that was.
fn fill(mut socket: &TcpStream) -> usize {
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

fn pattern(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|place| (place / 251) as u8 ^ (place as u8).wrapping_mul(31) ^ seed).collect()
}

#[test]
fn bytes_pass_both_ways_at_once_whole_and_in_order() {
    let (registry, _relay, address) = relayed();
    let (client, server) = pair(&registry, address);
    let (up, down) = (pattern(20_000_000, 1), pattern(30_000_000, 2));
    std::thread::scope(|scope| {
        for (mut from, bytes) in [(&client, &up), (&server, &down)] {
            scope.spawn(move || {
                from.write_all(bytes).unwrap();
                from.shutdown(Shutdown::Write).unwrap();
            });
        }
        let taken = scope.spawn(|| rest(&server));
        assert!(rest(&client) == down);
        assert!(taken.join().unwrap() == up);
    });
}

#[test]
fn each_connection_has_one_of_its_own() {
    let (registry, _relay, address) = relayed();
    let first = pair(&registry, address);
    let second = pair(&registry, address);
    for (client, server) in [&second, &first] {
        passes(client, server, b"up");
        passes(server, client, b"down");
    }
}

#[test]
fn the_end_of_one_direction_passes_and_the_other_goes_on() {
    let (registry, _relay, address) = relayed();
    for ends in ["client", "registry"] {
        let (client, server) = pair(&registry, address);
        let (first, second) = if ends == "client" { (&client, &server) } else { (&server, &client) };
        passes(first, second, b"question");
        first.shutdown(Shutdown::Write).unwrap();
        assert_eq!(rest(second), b"", "{ends}");
        let answer = pattern(5_000_000, 3);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut second = second;
                second.write_all(&answer).unwrap();
                second.shutdown(Shutdown::Write).unwrap();
            });
            assert!(rest(first) == answer, "{ends}");
        });
    }
}

#[test]
fn what_was_sent_before_the_registry_took_the_connection_is_not_lost_even_if_its_sender_is_done() {
    let (registry, _relay, address) = relayed();
    let mut client = connect(address);
    client.write_all(b"early").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let server = patient(registry.accept().unwrap().0);
    assert_eq!(rest(&server), b"early");
}

#[test]
fn a_reset_of_either_side_ends_both() {
    let (registry, _relay, address) = relayed();
    let (client, server) = pair(&registry, address);
    passes(&client, &server, b"x");
    system::reset(client);
    assert_eq!(error(&server), ErrorKind::ConnectionReset);
    let (client, server) = pair(&registry, address);
    passes(&client, &server, b"x");
    system::reset(server);
    assert_eq!(error(&client), ErrorKind::ConnectionReset);
}

#[test]
fn a_reset_ends_both_also_while_the_other_side_takes_nothing() {
    let (registry, _relay, address) = relayed();
    let (client, server) = pair(&registry, address);
    assert!(fill(&server) > 0);
    system::reset(server);
    let deadline = Instant::now() + Duration::from_secs(60);
    let fault = loop {
        if let Some(fault) = client.take_error().unwrap() {
            break fault;
        }
        assert!(Instant::now() < deadline, "the client was told nothing");
        std::thread::yield_now();
    };
    assert_eq!(fault.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn one_that_takes_nothing_does_not_keep_others_waiting() {
    let (registry, _relay, address) = relayed();
    let (stalled, filler) = pair(&registry, address);
    let mut sent = fill(&filler);
    let (client, server) = pair(&registry, address);
    passes(&server, &client, &vec![5; 100_000]);
    passes(&client, &server, &vec![6; 100_000]);
    // All that it was slow to take is still there.
    sent += fill(&filler);
    filler.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&stalled).len(), sent);
}

#[test]
fn a_client_is_reset_when_the_registry_refuses_and_served_when_it_no_longer_does() {
    // An address at which no other test listens, so that the port stays free.
    let registry = TcpListener::bind("127.0.0.3:0").unwrap();
    let to = registry.local_addr().unwrap();
    drop(registry);
    let relay = relay(Command::new(binary()), to, &["127.0.0.1:0"]);
    let address = addresses(&relay)[0];
    for _ in 0..3 {
        // A reset may come before connect has returned.
        if let Ok(client) = TcpStream::connect(address) {
            assert_eq!(error(&patient(client)), ErrorKind::ConnectionReset);
        }
    }
    let registry = TcpListener::bind(to).unwrap();
    let (client, server) = pair(&registry, address);
    passes(&client, &server, b"x");
    passes(&server, &client, b"y");
    relay.signal("TERM");
    let (status, lines) = relay.end();
    assert_eq!(status.code(), Some(0));
    assert_eq!(lines[1], format!("jackal unreachable to={to} reason=connection refused"), "{lines:#?}");
    assert!(lines[2].starts_with("jackal relayed connections=4 unreachable=3 bytes=2 ms="), "{lines:#?}");
    assert_eq!(lines.len(), 3, "a registry that is away is told of once");
}

#[test]
#[allow(unsafe_code)]
fn a_client_is_reset_when_the_registry_does_not_answer_for_five_seconds() {
    let registry = TcpListener::bind("127.0.0.1:0").unwrap();
    // With this backlog the kernel takes one connection, and leaves all further ones without an answer.
    // SAFETY: no pointer is passed.
    assert_eq!(unsafe { libc::listen(registry.as_raw_fd(), 0) }, 0);
    let to = registry.local_addr().unwrap();
    let taken = TcpStream::connect(to).unwrap();
    let relay = relay(Command::new(binary()), to, &["127.0.0.1:0"]);
    let address = addresses(&relay)[0];
    let started = Instant::now();
    let client = connect(address);
    assert_eq!(error(&client), ErrorKind::ConnectionReset);
    assert!(started.elapsed() >= Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(relay.line("unreachable", ""), format!("jackal unreachable to={to} reason=timed out"));
    // It goes on: once the registry answers again, so does the relay.
    drop(taken);
    registry.accept().unwrap();
    let (client, server) = pair(&registry, address);
    passes(&client, &server, b"x");
}

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
    let (unsent, _) = figures(&relay, address.port(), 4);
    assert!(unsent > 0 && unsent < 512 << 10, "{unsent} bytes");
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
        let (mut client, mut buffer, mut total) = (&client, vec![0; 256 << 10], 0);
        loop {
            match client.read(&mut buffer).unwrap() {
                0 => break,
                count => total += count,
            }
        }
        assert_eq!(total, ALL);
    });
    let rate = ALL as f64 / 1e6 / clock.elapsed().as_secs_f64();
    let peak = relay.memory("VmHWM:");
    println!("started {started} KiB, 1,000 connections {open} KiB, peak {peak} KiB; 500 MB at {rate:.0} MB/s");
    assert!(peak < 2 << 10, "{peak} KiB");
}

#[test]
fn sigterm_ends_it_within_a_second_whatever_is_under_way() {
    for signal in ["TERM", "INT"] {
        let (registry, relay, address) = relayed();
        let (client, server) = pair(&registry, address);
        passes(&client, &server, b"four");
        assert!(fill(&server) > 0);
        let started = Instant::now();
        relay.signal(signal);
        let (status, lines) = relay.end();
        assert_eq!(status.code(), Some(0), "{signal}");
        assert!(started.elapsed() < Duration::from_secs(1), "{signal}: {:?}", started.elapsed());
        assert!(lines.last().unwrap().starts_with("jackal relayed connections=1 unreachable=0 bytes="), "{lines:#?}");
    }
}

#[test]
fn process_1_ends_on_sigterm_too() {
    let allowed = Command::new("unshare").args(["--pid", "--fork", "true"]).stderr(Stdio::null()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        return eprintln!("SKIPPED: a relay as process 1 needs a process namespace, which this machine does not give");
    }
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork"]).arg(binary());
    let (registry, relay, address) = relayed_by(command);
    let (client, server) = pair(&registry, address);
    passes(&client, &server, b"x");
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", relay.pid())).unwrap();
    assert!(Command::new("kill").arg(children.trim()).status().unwrap().success());
    assert_eq!(relay.end().0.code(), Some(0));
}

#[test]
fn it_listens_at_several_addresses_of_both_families() {
    let registry = TcpListener::bind("127.0.0.1:0").unwrap();
    let relay = relay(Command::new(binary()), registry.local_addr().unwrap(), &["127.0.0.1:0", "[::1]:0", "127.0.0.2:0"]);
    let addresses = addresses(&relay);
    let hosts: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    assert_eq!(hosts, ["127.0.0.1", "::1", "127.0.0.2"]);
    for address in addresses {
        let (client, server) = pair(&registry, address);
        passes(&client, &server, b"up");
        passes(&server, &client, b"down");
    }
}

#[test]
fn all_addresses_of_both_families_can_have_one_port() {
    let registry = TcpListener::bind("[::1]:0").unwrap();
    // A port that was free a moment ago may be taken by another test: then the next one.
    let relay = loop {
        let port = TcpListener::bind("[::]:0").unwrap().local_addr().unwrap().port();
        let places = [format!("0.0.0.0:{port}"), format!("[::]:{port}")];
        let relay = relay(Command::new(binary()), registry.local_addr().unwrap(), &[&places[0], &places[1]]);
        if relay.find("jackal ", "").starts_with("jackal relaying ") {
            break relay;
        }
    };
    let addresses = addresses(&relay);
    assert!(addresses.len() == 2 && addresses.iter().all(|address| address.ip().is_unspecified()), "{addresses:?}");
    for loopback in ["127.0.0.1", "::1"] {
        let (client, server) = pair(&registry, SocketAddr::new(loopback.parse().unwrap(), addresses[0].port()));
        passes(&client, &server, b"up");
        passes(&server, &client, b"down");
    }
}

#[test]
fn an_address_in_use_is_20() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = taken.local_addr().unwrap().to_string();
    let sentence = format!("Address {place} is in use on this node already");
    for listen in [&[place.as_str()][..], &["127.0.0.1:0", &place], &["[::1]:0", &place]] {
        fails(relay(Command::new(binary()), taken.local_addr().unwrap(), listen), 20, "address-in-use", &[&sentence]);
    }
    let taken = TcpListener::bind("[::1]:0").unwrap();
    let place = taken.local_addr().unwrap().to_string();
    fails(relay(Command::new(binary()), taken.local_addr().unwrap(), &[&place]), 20, "address-in-use", &["Address [::1]:"]);
}

#[test]
fn an_address_of_a_family_that_the_node_lacks_is_left_out() {
    let registry = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = Command::new(binary());
    without_ipv6(&mut command);
    let relay = relay(command, registry.local_addr().unwrap(), &["[::1]:0", "127.0.0.1:0", "[::]:0"]);
    let addresses = addresses(&relay);
    assert_eq!(addresses.len(), 1);
    let (client, server) = pair(&registry, addresses[0]);
    passes(&client, &server, b"x");
    let reason = "reason=Address family not supported by protocol (os error 97)";
    assert_eq!(relay.lines()[..2], ["[::1]:0", "[::]:0"].map(|place| format!("jackal omitted address={place} {reason}")));
}

#[test]
fn an_address_that_the_node_does_not_have_is_left_out_too() {
    // TEST-NET-1 (RFC 5737) belongs to no machine.
    let relay = relay(Command::new(binary()), ([127, 0, 0, 1], 1).into(), &["127.0.0.1:0", "192.0.2.1:5000"]);
    assert_eq!(addresses(&relay).len(), 1);
    assert!(relay.lines()[0].starts_with("jackal omitted address=192.0.2.1:5000 reason="), "{:?}", relay.lines());
}

#[test]
fn no_address_that_is_left_is_16() {
    let to = SocketAddr::from(([127, 0, 0, 1], 1));
    let mut command = Command::new(binary());
    without_ipv6(&mut command);
    fails(
        relay(command, to, &["[::1]:5000", "[::]:5000"]),
        16,
        "listen-failed",
        &["Address [::1]:5000 cannot be listened on: Address family"],
    );
    let lacking = relay(Command::new(binary()), to, &["192.0.2.1:5000"]);
    fails(lacking, 16, "listen-failed", &["Address 192.0.2.1:5000 cannot be listened on: "]);
}

#[test]
fn a_registry_behind_a_relay_answers_as_it_does_itself() {
    let mut fixture = Fixture::new();
    let bytes = noise(110, 3_000_000);
    let target = path(&format!("demo/blobs/{}", fixture.blob(&bytes)));
    fixture.record("repository demo").write();
    let registry = Injector::serve(&fixture);
    let relay = relay(Command::new(binary()), registry.ready(), &["127.0.0.1:0"]);
    let mut client = Client::new(addresses(&relay)[0]);
    for _ in 0..2 {
        let answer = client.get(&target);
        assert!(answer.status == 200 && answer.body == bytes);
    }
    // A runtime that tries TLS first is told at once that there is none.
    assert_eq!(Client::new(addresses(&relay)[0]).write(b"\x16\x03\x01\x02\x00\x01").response().status, 400);
}

#[test]
fn it_reaches_a_registry_by_ipv6() {
    let registry = TcpListener::bind("[::1]:0").unwrap();
    let relay = relay(Command::new(binary()), registry.local_addr().unwrap(), &["127.0.0.1:0"]);
    let (client, server) = pair(&registry, addresses(&relay)[0]);
    passes(&client, &server, b"up");
    passes(&server, &client, b"down");
}
