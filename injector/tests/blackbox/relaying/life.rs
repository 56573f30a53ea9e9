//! A registry that is away, and the end of the relay itself.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{addresses, connect, error, fill, pair, passes, patient, relay, relayed, relayed_by};
use crate::process::binary;
use crate::punctual::punctually;
use crate::reserved::reserve;

#[test]
fn a_client_is_reset_when_the_registry_refuses_and_served_when_it_no_longer_does() {
    let (_reserved, to) = reserve();
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

/// How long the relay tries to connect.
const CONNECT: Duration = Duration::from_secs(5);

/// A registry for which the kernel answers nobody until the connection that it has taken is accepted.
#[allow(unsafe_code)]
fn speechless() -> (TcpListener, SocketAddr, TcpStream) {
    let registry = TcpListener::bind("127.0.0.1:0").unwrap();
    // With this backlog the kernel takes one connection, and leaves all further ones without an answer.
    // SAFETY: no pointer is passed.
    assert_eq!(unsafe { libc::listen(registry.as_raw_fd(), 0) }, 0);
    let to = registry.local_addr().unwrap();
    let taken = TcpStream::connect(to).unwrap();
    (registry, to, taken)
}

#[test]
fn a_client_is_reset_when_the_registry_does_not_answer_for_five_seconds() {
    let (registry, to, taken) = speechless();
    let relay = relay(Command::new(binary()), to, &["127.0.0.1:0"]);
    let address = addresses(&relay)[0];
    let started = Instant::now();
    let client = connect(address);
    assert_eq!(error(&client), ErrorKind::ConnectionReset);
    assert!(started.elapsed() >= CONNECT, "{:?}", started.elapsed());
    assert_eq!(relay.line("unreachable", ""), format!("jackal unreachable to={to} reason=timed out"));
    // It goes on: once the registry answers again, so does the relay.
    drop(taken);
    registry.accept().unwrap();
    let (client, server) = pair(&registry, address);
    passes(&client, &server, b"x");
}

#[test]
fn a_registry_that_answered_while_the_relay_stood_still_did_so_in_time() {
    punctually(CONNECT, |steps| {
        let (registry, to, _taken) = speechless();
        let relay = relay(Command::new(binary()), to, &["127.0.0.1:0"]);
        let address = addresses(&relay)[0];
        steps.begin();
        let client = connect(address);
        // It has begun to connect.
        relay.await_rest();
        relay.stop();
        let stopped = Instant::now();
        steps.step();
        assert_eq!(relay.lines().len(), 1);
        registry.accept().unwrap();
        let server = patient(registry.accept().unwrap().0);
        std::thread::sleep((CONNECT + Duration::from_millis(500)).saturating_sub(stopped.elapsed()));
        steps.begin();
        relay.signal("CONT");
        passes(&client, &server, b"x");
        passes(&server, &client, b"y");
    });
}

#[test]
fn sigterm_ends_it_at_once_whatever_is_under_way() {
    for signal in ["TERM", "INT"] {
        let (registry, relay, address) = relayed();
        let (client, server) = pair(&registry, address);
        passes(&client, &server, b"four");
        assert!(fill(&server) > 0);
        let started = Instant::now();
        relay.signal(signal);
        let (status, lines) = relay.end();
        assert_eq!(status.code(), Some(0), "{signal}");
        assert!(started.elapsed() < Duration::from_secs(30), "{signal}: {:?}", started.elapsed());
        assert!(lines.last().unwrap().starts_with("jackal relayed connections=1 unreachable=0 bytes="), "{lines:#?}");
    }
}

#[test]
fn process_1_ends_on_sigterm_too() {
    let allowed = Command::new("unshare").args(["--pid", "--fork", "--kill-child", "true"]).stderr(Stdio::null()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        return eprintln!("SKIPPED: a relay as process 1 needs a process namespace, which this machine does not give");
    }
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--kill-child"]).arg(binary());
    let (registry, relay, address) = relayed_by(command);
    let (client, server) = pair(&registry, address);
    passes(&client, &server, b"x");
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", relay.pid())).unwrap();
    assert!(Command::new("kill").arg(children.trim()).status().unwrap().success());
    assert_eq!(relay.end().0.code(), Some(0));
}
