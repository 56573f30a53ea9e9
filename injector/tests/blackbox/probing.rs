//! `probe`: what the kubelet runs in a container each second.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::fixture::{Fixture, SECRET, noise};
use crate::process::{Injector, binary, shipped};
use crate::punctual::punctually;

/// How long a probe waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Probes a path once; returns the exit code and all that was printed.
fn probe_once(address: SocketAddr, path: &str) -> (Option<i32>, String) {
    told(Command::new(binary()), address, path)
}

/// Probes a path by a command that ends in the binary.
fn told(mut command: Command, address: SocketAddr, path: &str) -> (Option<i32>, String) {
    let output = command.args(["probe", "--connect", &address.to_string(), "--path", path]).output().unwrap();
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

/// Probes a server that answers until it has done so in time: a busy machine may keep its answer beyond what a probe waits.
pub fn probe_by(command: impl Fn() -> Command, address: SocketAddr, path: &str) -> (Option<i32>, String) {
    let silent = not_ready(address, "gave no answer within 5 s");
    (0..10).map(|_| told(command(), address, path)).find(|told| *told != silent).unwrap_or(silent)
}

fn probe(address: SocketAddr, path: &str) -> (Option<i32>, String) {
    probe_by(|| Command::new(binary()), address, path)
}

/// A server that reads a request, answers these bytes, and closes.
fn answering(answer: &'static [u8]) -> (SocketAddr, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            socket.read_exact(&mut byte).unwrap();
            request.push(byte[0]);
        }
        socket.write_all(answer).unwrap();
        String::from_utf8(request).unwrap()
    });
    (address, thread)
}

fn not_ready(address: SocketAddr, fault: &str) -> (Option<i32>, String) {
    (Some(17), format!("jackal fatal code=not-ready exit=17 message=The server at {address} {fault}.\n"))
}

#[test]
fn a_probe_without_a_target_says_yes_and_nothing_else() {
    let output = Command::new(binary()).arg("probe").output().unwrap();
    assert_eq!((output.status.code(), output.stdout, output.stderr), (Some(0), vec![], vec![]));
}

#[test]
fn a_probe_learns_whether_all_is_verified() {
    let mut fixture = Fixture::new();
    fixture.blob(&noise(100, 1000));
    fixture.record("repository demo").write();
    let bytes = fixture.pipe(0);
    let injector = Injector::serve(&fixture);
    let (address, path) = (injector.address(), format!("/{SECRET}/readyz"));
    assert_eq!(probe(address, &path), not_ready(address, "answered 503, not 200"));
    std::fs::write(fixture.chunk(0), bytes).unwrap();
    injector.ready();
    assert_eq!(probe(address, &path), (Some(0), String::new()));
    assert_eq!(probe(address, "/wrong/readyz"), not_ready(address, "answered 404, not 200"));
    // Nothing of the path is told, for it holds the secret.
    assert!(!probe(address, &format!("/{SECRET}/x")).1.contains(SECRET));
}

#[test]
fn a_probe_says_yes_to_200_and_to_nothing_else() {
    // The server answers one question only.
    let leads_to = |answer: &'static [u8], fault: Option<&str>| {
        punctually(PATIENCE, |_| {
            let (address, server) = answering(answer);
            let probed = probe_once(address, "/s/readyz");
            assert_eq!(probed, fault.map_or((Some(0), String::new()), |fault| not_ready(address, fault)));
            assert_eq!(server.join().unwrap(), format!("GET /s/readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"));
        });
    };
    for answer in [&b"HTTP/1.1 200 OK\r\n\r\n"[..], b"HTTP/1.0 200\n", b"HTTP/1.1 200 \r\nX: y"] {
        leads_to(answer, None);
    }
    for (answer, status) in [(&b"HTTP/1.1 204 No Content\r\n"[..], 204), (b"HTTP/1.1 301 x\r\n", 301), (b"HTTP/1.1 500 x\r\n", 500)] {
        leads_to(answer, Some(&format!("answered {status}, not 200")));
    }
    for answer in [&b""[..], b"HTTP/1.1 200", b"HTTP/2 200 OK\r\n", b"HTTP/1.1 2000\r\n", b"SSH-2.0-x\r\n", &[b'x'; 5000]] {
        leads_to(answer, Some("gave no HTTP answer"));
    }
}

#[test]
fn a_probe_of_a_closed_port_or_of_a_silent_server_says_no() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // The kernel takes the connection, and nobody answers.
    let started = Instant::now();
    assert_eq!(probe_once(address, "/"), not_ready(address, "gave no answer within 5 s"));
    assert!(started.elapsed() >= PATIENCE);
    // Nothing listens there, and no other test can come to do so.
    let closed = SocketAddr::from(([127, 77, 77, 77], 1));
    assert_eq!(probe(closed, "/"), not_ready(closed, "cannot be asked: connection refused"));
    drop(listener);
}

#[test]
fn a_probe_costs_little() {
    let fixture = {
        let mut fixture = Fixture::new();
        fixture.record("repository demo").write();
        fixture
    };
    let injector = Injector::serve(&fixture);
    let (address, path) = (injector.ready().to_string(), format!("/{SECRET}/readyz"));
    for arguments in [vec!["probe"], vec!["probe", "--connect", &address, "--path", &path]] {
        const ROUNDS: u32 = 200;
        let started = Instant::now();
        // Times and memory of ended children are told by the shell's own children's sum: processor time in ticks of 10 ms.
        let script = format!("i=0; while [ $i -lt {ROUNDS} ]; do \"$0\" \"$@\" || exit 1; i=$((i+1)); done; cat /proc/$$/stat");
        let output = Command::new("sh").args(["-c", &script]).arg(shipped()).args(&arguments).output().unwrap();
        assert!(output.status.success());
        let stat = String::from_utf8(output.stdout).unwrap();
        let ticks: Vec<u32> = stat.rsplit(") ").next().unwrap().split(' ').skip(13).take(2).map(|text| text.parse().unwrap()).collect();
        let each = (ticks[0] + ticks[1]) * 10_000 / ROUNDS;
        println!("{} arguments: {each} us of processor, {:?} in all", arguments.len(), started.elapsed() / ROUNDS);
        // A busy machine makes it slower, but not tenfold.
        assert!(each < 10_000, "{each} us");
    }
}
