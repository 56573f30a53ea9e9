//! More connections and requests than there are places.

use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use jackal_injector::system::raise_open_files;

use crate::client::{Client, get};
use crate::fixture::{Fixture, SECRET, noise, path};
use crate::process::{Injector, binary, shipped};
use crate::punctual::{FIRST, punctually};

/// Most requests that are answered at once.
const MOST_ANSWERS: usize = 1024;
/// How long the first request of a connection may take to come that is to be told to come back.
const REFUSED: Duration = Duration::from_secs(5);
/// How long a connection may be idle after an answer.
const IDLE: Duration = Duration::from_secs(90);

/// A binary that may open 64 files, which is enough for 16 connections.
fn small(fixture: &Fixture) -> Injector {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""]).arg(binary());
    let injector = Injector::serve_with(fixture, command);
    assert!(injector.line("listening", "connections=16").ends_with("connections=16"));
    injector
}

fn ready() -> (Fixture, Injector, SocketAddr) {
    let mut fixture = Fixture::new();
    fixture.record("repository demo").write();
    let injector = small(&fixture);
    let address = injector.ready();
    (fixture, injector, address)
}

/// A fixture with one blob whose only chunk comes when the test says so.
fn held() -> (Fixture, Vec<u8>, String, Vec<u8>) {
    let mut fixture = Fixture::new();
    let bytes = noise(101, 1000);
    let blob = fixture.blob(&bytes);
    fixture.record("repository demo").write();
    let chunk = fixture.pipe(0);
    (fixture, chunk, format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path(&format!("demo/blobs/{blob}"))), bytes)
}

#[test]
fn idle_connections_make_room_for_new_ones_the_longest_idle_first() {
    let (_fixture, injector, address) = ready();
    let mut clients: Vec<Client> = Vec::new();
    for number in 0..50 {
        let mut client = Client::new(address);
        assert_eq!(client.get("/v2/").status, 200, "{number}");
        // It is idle when its thread has taken note of that, which on a busy machine may be after the next one's.
        injector.await_rest();
        clients.push(client);
    }
    let kept = clients.split_off(34);
    for mut gone in clients {
        assert_eq!(gone.rest(), b"");
    }
    for mut client in kept {
        assert_eq!(client.get("/v2/").status, 200);
    }
}

#[test]
fn connections_that_never_ask_make_room_too() {
    let (_fixture, _injector, address) = ready();
    let silent: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(address).unwrap()).collect();
    for _ in 0..20 {
        assert_eq!(get(address, "/v2/").status, 200);
    }
    drop(silent);
}

#[test]
fn connections_that_had_an_answer_go_before_those_that_are_about_to_ask() {
    punctually(FIRST, |steps| {
        let (_fixture, injector, address) = ready();
        steps.begin();
        let mut silent: Vec<Client> = (0..8).map(|_| Client::new(address)).collect();
        // Each stays open for as long as the server wants.
        let mut answered: Vec<Client> = Vec::new();
        for _ in 0..30 {
            let mut client = Client::new(address);
            assert_eq!(client.get("/v2/").status, 200);
            injector.await_rest();
            answered.push(client);
        }
        for client in &mut silent {
            assert_eq!(client.get("/v2/").status, 200);
        }
    });
}

#[test]
fn when_all_places_are_busy_clients_are_told_to_come_back() {
    punctually(REFUSED, |steps| {
        let (fixture, chunk, request, bytes) = held();
        let injector = small(&fixture);
        let address = injector.address();
        steps.begin();
        let asking = |_| {
            let mut client = Client::new(address);
            assert_eq!(client.write(&request).response_head().status, 200);
            steps.step();
            client
        };
        let mut busy: Vec<Client> = (0..16).map(asking).collect();
        let response = get(address, "/v2/");
        assert_eq!((response.status, response.header("Retry-After"), response.header("Connection")), (503, Some("1"), Some("close")));
        assert_eq!(response.code(), "TOOMANYREQUESTS");
        std::fs::write(fixture.chunk(0), chunk).unwrap();
        for client in &mut busy {
            assert!(client.take(bytes.len()) == bytes);
        }
        // Those that are done are idle, so they make room.
        let deadline = Instant::now() + Duration::from_secs(30);
        steps.begin();
        while get(address, "/v2/").status != 200 {
            assert!(Instant::now() < deadline);
            steps.step();
        }
    });
}

/// An address of this machine that is not loopback.
fn other_address() -> Option<SocketAddr> {
    // Nothing is sent: this only asks for the route.
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let ip = socket.local_addr().ok()?.ip();
    TcpListener::bind((ip, 0)).ok().filter(|_| !ip.is_loopback())?.local_addr().ok()
}

#[test]
fn requests_beyond_the_threads_wait_for_their_turn_and_the_pods_own_come_first() {
    raise_open_files();
    let Some(outside) = other_address() else {
        return eprintln!("SKIPPED: this machine has no address but loopback, and only others than the Pod's own wait");
    };
    let (fixture, chunk, request, bytes) = held();
    let injector = Injector::serve_at(&fixture, Command::new(binary()), "0");
    let port = injector.address().port();
    let address = SocketAddr::from((outside.ip(), port));
    // Each asks at once: a connection that does not within 10 s is given up.
    let asking = |_| {
        let mut client = Client::new(address);
        assert_eq!(client.write(&request).response_head().status, 200);
        client
    };
    let mut busy: Vec<Client> = (0..MOST_ANSWERS).map(asking).collect();
    // All threads hold an answer. Who comes now gets none, but is not sent away either.
    let ask = |_| {
        let mut client = Client::new(address);
        client.write(&request);
        client
    };
    let mut waiting: Vec<Client> = (0..40).map(ask).collect();
    // The kubelet's probe comes from inside and does not wait for them.
    assert_eq!(get(([127, 0, 0, 1], port).into(), "/v2/").status, 200);
    waiting[0].socket.set_nonblocking(true).unwrap();
    assert!(waiting[0].socket.peek(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    waiting[0].socket.set_nonblocking(false).unwrap();
    std::fs::write(fixture.chunk(0), chunk).unwrap();
    for client in &mut busy {
        assert!(client.take(bytes.len()) == bytes);
    }
    for client in &mut waiting {
        assert!(client.response().body == bytes);
    }
}

#[test]
fn three_hundred_nodes_with_five_connections_each_take_little_memory_when_idle() {
    assert!(raise_open_files() > 2000, "the test needs 1,600 files of its own");
    let mut fixture = Fixture::new();
    let bytes = noise(102, 100_000);
    let target = path(&format!("demo/blobs/{}", fixture.blob(&bytes)));
    fixture.record("repository demo").write();
    punctually(IDLE, |steps| {
        let injector = Injector::serve_with(&fixture, Command::new(shipped()));
        let address = injector.ready();
        steps.begin();
        let mut idle: Vec<Client> = Vec::new();
        for _ in 0..1500 {
            let mut client = Client::new(address);
            assert!(client.get(&target).body == bytes);
            idle.push(client);
        }
        injector.await_few_threads();
        let (threads, memory) = (injector.memory("Threads:"), injector.memory("VmRSS:"));
        println!("1500 idle connections: {threads} threads, {memory} KiB, peak {} KiB", injector.memory("VmHWM:"));
        assert!(memory < 2 << 10, "{memory} KiB");
        assert_eq!(get(address, &format!("/{SECRET}/readyz")).status, 200);
        // None was given up, and each is served again.
        for client in &mut idle {
            assert!(client.get(&target).body == bytes);
        }
        assert!(injector.memory("VmHWM:") < 32 << 10, "{} KiB", injector.memory("VmHWM:"));
    });
}
