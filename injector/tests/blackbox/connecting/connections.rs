//! Connections: kept, closed, piped, broken, too many, and not HTTP at all.

use std::io::Write;
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use crate::client::{Client, get};
use crate::fixture::{Fixture, OCI_MANIFEST, noise, path};
use crate::process::{Injector, value};
use crate::punctual::{FIRST, punctually};

fn started() -> (Fixture, Injector, String) {
    let mut fixture = Fixture::new();
    let manifest = fixture.manifest(b"{\"some\":\"manifest\"}", OCI_MANIFEST);
    let blob = fixture.blob(&noise(8, 20_000_000));
    fixture.tag("demo", "latest", &manifest).write();
    let injector = Injector::serve(&fixture);
    injector.ready();
    (fixture, injector, path(&format!("demo/blobs/{blob}")))
}

#[test]
fn a_tls_client_is_answered_in_plain_http_at_once() {
    let (_fixture, injector, _) = started();
    let mut client = Client::new(injector.address());
    // Only the first bytes of a ClientHello: one that waited for the rest would answer 408.
    client.write([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);
    let answer = client.rest();
    assert!(answer.starts_with(b"HTTP/1.1 400 "), "{:?}", String::from_utf8_lossy(&answer));
    let mut whole = vec![0x16, 0x03, 0x01, 0x02, 0x00];
    whole.extend(noise(9, 512));
    let mut client = Client::new(injector.address());
    client.write(whole);
    assert!(client.take(12).starts_with(b"HTTP/1.1 400"));
}

#[test]
fn connections_are_kept_and_pipelined_requests_answered_in_order() {
    let (_fixture, injector, _) = started();
    let mut client = Client::new(injector.address());
    for _ in 0..3 {
        assert_eq!(client.get(&path("demo/manifests/latest")).status, 200);
    }
    let manifest = path("demo/manifests/latest");
    client.write(format!(
        "\r\n\r\nGET {manifest} HTTP/1.1\r\nHost: x\r\n\r\nHEAD {manifest} HTTP/1.1\nHost: x\n\nPUT {manifest} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcdGET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /v2/ HTTP/1.1\r\n"
    ));
    assert_eq!(client.response().text(), "{\"some\":\"manifest\"}");
    assert_eq!(client.response_head().status, 200);
    assert_eq!(client.response().status, 405);
    let last = client.response();
    assert_eq!((last.status, last.header("Connection")), (200, Some("close")));
    assert_eq!(client.rest(), b"");
}

#[test]
fn old_and_closing_clients_get_a_closed_connection() {
    let (_fixture, injector, _) = started();
    let cases = [
        ("GET /v2/ HTTP/1.0\r\n\r\n", Some("close"), true),
        ("GET /v2/ HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", Some("keep-alive"), false),
        ("GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Close\r\n\r\n", Some("close"), true),
        ("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n", None, false),
    ];
    for (request, connection, closed) in cases {
        let mut client = Client::new(injector.address());
        let response = client.write(request).response();
        assert_eq!((response.status, response.header("Connection")), (200, connection), "{request}");
        if closed {
            assert_eq!(client.rest(), b"", "{request}");
        } else {
            assert_eq!(client.get("/v2/").status, 200, "{request}");
        }
    }
}

#[test]
fn requests_that_are_no_http_1_are_refused_and_closed() {
    let (_fixture, injector, _) = started();
    let cases = [
        ("GET /v2/ HTTP/1.1\r\n\r\n", 400),
        ("GET /v2/ HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        ("GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        ("GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET /v2/ HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ("GET\r\n\r\n", 400),
        ("GET  /v2/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET /v2/\r\n\r\n", 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (" GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("\0\0\0\0", 400),
        ("GET /v2/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n", 200),
        ("GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", 200),
        ("GET /v2/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200),
    ];
    for (request, status) in cases {
        let mut client = Client::new(injector.address());
        let response = client.write(request).response();
        assert_eq!((response.status, response.header("Connection")), (status, Some("close")), "{request:?}");
        client.socket.shutdown(Shutdown::Write).unwrap();
        assert_eq!(client.rest(), b"", "{request:?}");
    }
}

#[test]
fn heads_may_have_16_kib_and_no_more() {
    let (_fixture, injector, _) = started();
    let request = |length: usize| {
        let start = "GET /v2/ HTTP/1.1\r\nHost: x\r\nX: ";
        format!("{start}{}\r\n\r\n", "x".repeat(length - start.len() - 4))
    };
    for length in [9 << 10, 16 << 10] {
        let mut client = Client::new(injector.address());
        assert_eq!(client.write(request(length)).response().status, 200, "{length}");
        assert_eq!(client.get("/v2/").status, 200);
    }
    for length in [(16 << 10) + 1, 20 << 10, 200 << 10] {
        assert_eq!(Client::new(injector.address()).write(request(length)).response().status, 400, "{length}");
    }
    let many: String = (0..126).map(|number| format!("X-{number}: y\r\n")).collect();
    assert_eq!(Client::new(injector.address()).get_with("/v2/", &many).status, 200);
    let many: String = (0..200).map(|number| format!("X-{number}: y\r\n")).collect();
    assert_eq!(Client::new(injector.address()).get_with("/v2/", &many).status, 431);
}

#[test]
fn a_head_may_come_byte_by_byte_but_not_for_ever() {
    let (_fixture, injector, _) = started();
    punctually(FIRST, |steps| {
        steps.begin();
        let mut client = Client::new(injector.address());
        for byte in b"GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n" {
            client.write([*byte]);
        }
        assert_eq!(client.response().status, 200);
    });
    punctually(FIRST, |steps| {
        let started = Instant::now();
        steps.begin();
        let mut client = Client::new(injector.address());
        client.write("GET /v2/ HTTP/1.1\r\nHost");
        steps.step();
        let response = client.response();
        // What it is has nothing to do with the time that it took.
        steps.begin();
        assert_eq!(response.status, 408);
        assert!(started.elapsed() < Duration::from_secs(50));
    });
}

/// Sends a start, and from then on a piece every 50 ms for as long as the connection takes it. Returns all that is answered.
fn drip(address: SocketAddr, start: &str, piece: &'static str) -> String {
    let mut client = Client::new(address);
    client.write(start);
    let mut socket = client.socket.try_clone().unwrap();
    std::thread::spawn(move || {
        while socket.write_all(piece.as_bytes()).is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    String::from_utf8(client.rest()).unwrap()
}

#[test]
fn blank_lines_before_a_request_give_it_no_time() {
    let (_fixture, injector, _) = started();
    let answer = drip(injector.address(), "\r\n", "\r\n");
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn a_body_that_nobody_needs_may_come_byte_by_byte_but_not_for_ever() {
    let (_fixture, injector, _) = started();
    let start = "PUT /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n";
    let answer = drip(injector.address(), start, "x");
    assert!(answer.starts_with("HTTP/1.1 405 ") && answer.contains("\r\nConnection: close\r\n"), "{answer}");
}

#[test]
fn a_client_that_closed_its_side_still_gets_its_answer() {
    let (_fixture, injector, blob) = started();
    let mut client = Client::new(injector.address());
    client.write(format!("GET {blob} HTTP/1.1\r\nHost: x\r\n\r\n"));
    client.socket.shutdown(Shutdown::Write).unwrap();
    assert!(client.response().body == noise(8, 20_000_000));
    assert_eq!(client.rest(), b"");
}

#[test]
fn clients_that_leave_in_the_middle_are_normal() {
    let (_fixture, mut injector, blob) = started();
    let address = injector.address();
    for _ in 0..50 {
        let mut client = Client::new(address);
        client.write(format!("GET {blob} HTTP/1.1\r\nHost: x\r\nRange: bytes=5-\r\n\r\n"));
        client.take(1000);
    }
    assert!(injector.line("broken", "kind=blob").contains("size=20000000"));
    assert!(get(address, &blob).body == noise(8, 20_000_000));
    assert!(injector.is_running());
}

#[test]
fn hundreds_of_clients_at_once_all_get_everything() {
    let mut fixture = Fixture::new();
    let bytes = noise(10, 300_000);
    let blob = fixture.blob(&bytes);
    fixture.record("repository demo").write();
    let injector = Injector::serve(&fixture);
    let address = injector.ready();
    let target = path(&format!("demo/blobs/{blob}"));
    // Each asks at once: a connection that does not within 10 s is given up.
    let ask = |_| {
        let mut client = Client::new(address);
        client.write(format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"));
        client
    };
    let mut clients: Vec<Client> = (0..300).map(ask).collect();
    for client in &mut clients {
        assert!(client.response().body == bytes);
    }
}

#[test]
fn a_connection_without_a_request_is_closed_without_an_answer() {
    let (_fixture, injector, _) = started();
    let started = Instant::now();
    assert_eq!(Client::new(injector.address()).rest(), b"");
    assert!((5..50).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[test]
fn a_client_that_takes_no_byte_is_given_up_and_one_that_is_slow_is_not() {
    let mut fixture = Fixture::new();
    let bytes = noise(67, 12_000_000);
    let blob = fixture.blob(&bytes);
    fixture.record("repository demo").write();
    const STALL: Duration = Duration::from_secs(12);
    punctually(STALL, |steps| {
        let injector = Injector::serve_to(&fixture, &["--stall", "12"]);
        let address = injector.ready();
        let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path(&format!("demo/blobs/{blob}")));
        let mut slow = Client::new(address);
        slow.write(&request).response_head();
        let mut stalled = Client::new(address);
        stalled.write(&request).response_head();
        let started = Instant::now();
        steps.begin();
        // Four pauses, each shorter than the time and together longer. The kernel takes more as a third of its buffer is free again, so
        // each time more than the buffers hold is read.
        for piece in bytes.chunks(3_000_000) {
            std::thread::sleep(Duration::from_millis(3500));
            assert!(slow.take(piece.len()) == piece);
            steps.step();
        }
        let line = injector.line("broken", &blob);
        assert!(started.elapsed() >= STALL);
        let sent: usize = value(&line, "bytes").parse().unwrap();
        assert!(sent > 0 && sent < bytes.len(), "{line}");
        injector.line("pull", &blob);
        assert!(stalled.rest().len() < bytes.len());
    });
}
