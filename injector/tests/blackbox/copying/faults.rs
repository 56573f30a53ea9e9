//! Another registry that misbehaves: what cannot be copied is demanded as if it had never been looked for.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{ask, copy, listing, told};
use crate::fixture::noise;
use crate::other::{Other, Then, send, whole};
use crate::process::Injector;

const SIZE: usize = 200_000;

/// Lets another registry answer so, and checks that the content is wanted then, with that many bytes here, and that it can be delivered.
fn is_wanted(seed: u64, here: usize, reason: &str, answer: impl Fn(&str, &[u8], &mut TcpStream) -> Then + Send + Sync + 'static) {
    let bytes = noise(seed, SIZE);
    let other = Other::start(&[&bytes], answer);
    let (new, digests) = listing(&[&bytes]);
    let injector = Injector::serve_copies(&new, other.address);
    let mut feed = injector.deliverer().feed();
    let uncopied = injector.line("uncopied", &digests[0]);
    assert!(uncopied.contains(&format!(" reason={reason}")), "{uncopied}");
    let mut client = ask(&injector, &digests[0]);
    assert_eq!(feed.line(), format!("wanted {} {here}", digests[0]));
    injector.line("copied", "contents=0 bytes=0");
    assert_eq!(injector.deliverer().put(&digests[0], &bytes, here, SIZE), (201, Some(SIZE as u64)));
    assert!(client.response().body == bytes);
}

fn say(text: impl AsRef<[u8]>, socket: &mut TcpStream) -> Then {
    // Who copies may have turned away before the end.
    if socket.write_all(text.as_ref()).is_ok() { Then::GoOn } else { Then::Close }
}

#[test]
fn wrong_bytes_are_dropped() {
    is_wanted(700, 0, "its bytes have the digest sha256:", |_, bytes, socket| {
        say([whole(SIZE).as_bytes(), &vec![1; bytes.len()]].concat(), socket)
    });
}

#[test]
fn another_length_is_refused() {
    is_wanted(701, 0, "its length is not said to be 200000", |_, bytes, socket| say([whole(9).as_bytes(), &bytes[..9]].concat(), socket));
}

#[test]
fn a_chunked_body_is_refused() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 200000\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    is_wanted(702, 0, "its length is not said to be 200000", move |_, _, socket| say(head, socket));
}

#[test]
fn a_redirect_is_not_followed() {
    let head = "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    is_wanted(703, 0, "it was answered 307", move |_, _, socket| say(head, socket));
}

#[test]
fn what_is_gone_by_the_time_is_not_copied() {
    is_wanted(704, 0, "it was answered 404", |_, _, socket| say("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", socket));
}

#[test]
fn an_answer_in_tls_is_no_answer() {
    is_wanted(705, 0, "unexpected end of file", |_, _, socket| {
        say([0x15, 3, 1, 0, 2, 2, 70], socket);
        Then::Close
    });
}

#[test]
fn a_head_without_end_is_no_answer() {
    is_wanted(706, 0, "invalid data", |_, _, socket| say(format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(9_000)), socket));
}

#[test]
fn a_connection_that_only_closes_brings_nothing() {
    is_wanted(707, 0, "unexpected end of file", |_, _, _| Then::Close);
}

#[test]
fn a_body_that_stops_is_given_up_and_what_came_counts() {
    let (_open, pass) = super::gate();
    is_wanted(708, 60_000, "nothing came for 30 s", move |_, bytes, socket| {
        say([whole(SIZE).as_bytes(), &bytes[..60_000]].concat(), socket);
        pass();
        Then::Close
    });
}

#[test]
fn an_answer_that_never_comes_is_given_up() {
    let (_open, pass) = super::gate();
    is_wanted(709, 0, "nothing came for 30 s", move |_, _, _| {
        pass();
        Then::Close
    });
}

#[test]
fn a_body_that_is_cut_off_is_asked_for_again_from_there() {
    let bytes = noise(710, SIZE);
    let times = AtomicUsize::new(0);
    let other = Other::start(&[&bytes], move |head, bytes, socket| match times.fetch_add(1, Ordering::Relaxed) {
        0 => {
            say([whole(SIZE).as_bytes(), &bytes[..70_000]].concat(), socket);
            Then::Close
        }
        _ => {
            assert!(head.contains("\r\nRange: bytes=70000-\r\n"), "{head}");
            send(head, bytes, socket)
        }
    });
    let (new, digests) = listing(&[&bytes]);
    let injector = copy(&new, other.address);
    let mut client = ask(&injector, &digests[0]);
    assert!(client.response().body == bytes);
    injector.line("copied", "contents=1 bytes=200000");
}

#[test]
fn a_part_that_was_here_and_is_wrong_is_copied_anew() {
    let bytes = noise(719, SIZE);
    let other = Other::start(&[&bytes], send);
    let (new, digests) = listing(&[&bytes]);
    std::fs::create_dir_all(new.store()).unwrap();
    std::fs::write(new.store().join(format!("{}.part", &digests[0][7..])), [0; 70_000]).unwrap();
    let injector = copy(&new, other.address);
    injector.line("copied", "contents=1 bytes=200000");
    assert!(ask(&injector, &digests[0]).response().body == bytes);
}

#[test]
fn a_range_that_was_not_asked_for_is_refused() {
    let times = AtomicUsize::new(0);
    is_wanted(711, 70_000, "it was answered 200", move |_, bytes, socket| match times.fetch_add(1, Ordering::Relaxed) {
        0 => {
            say([whole(SIZE).as_bytes(), &bytes[..70_000]].concat(), socket);
            Then::Close
        }
        _ => say([whole(SIZE).as_bytes(), bytes].concat(), socket),
    });
}

#[test]
fn bytes_behind_a_body_spoil_the_connection_and_nothing_else() {
    let blobs: Vec<Vec<u8>> = (0..8).map(|number| noise(720 + number, 10_000)).collect();
    let contents: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
    let other = Other::start(&contents, |_, bytes, socket| say([whole(bytes.len()).as_bytes(), bytes, b"more"].concat(), socket));
    let (new, _) = listing(&contents);
    let injector = copy(&new, other.address);
    injector.ready();
    assert_eq!(told(&injector, "copied"), ["contents=8 bytes=80000"]);
}

#[test]
fn a_connection_that_says_that_it_closes_is_made_anew() {
    let blobs: Vec<Vec<u8>> = (0..8).map(|number| noise(730 + number, 10_000)).collect();
    let contents: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
    let other = Other::start(&contents, |_, bytes, socket| {
        say(
            [format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", bytes.len()).as_bytes(), bytes].concat(),
            socket,
        );
        Then::Close
    });
    let (new, _) = listing(&contents);
    let injector = copy(&new, other.address);
    injector.ready();
    assert_eq!(told(&injector, "copied"), ["contents=8 bytes=80000"]);
}

#[test]
fn one_that_is_silent_on_all_connections_is_asked_for_nothing_more() {
    let blobs: Vec<Vec<u8>> = (0..40).map(|number| noise(750 + number, 1_000)).collect();
    let contents: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
    // It answers HEAD, and has nothing of a body.
    let (_open, pass) = super::gate();
    let other = Other::start(&contents, move |_, _, _| {
        pass();
        Then::Close
    });
    let (new, _) = listing(&contents);
    let injector = Injector::serve_copies(&new, other.address);
    injector.line("unreachable", "reason=nothing came for 30 s");
    injector.line("copied", "contents=0 bytes=0");
    // What had been asked for by then, and four more while others were waited for.
    assert!(told(&injector, "uncopied").len() < 8);
    assert_eq!(injector.deliverer().missing().1.len(), 40);
}

#[test]
fn a_manifest_that_is_waited_for_and_cannot_be_copied_is_answered_404() {
    let mut fixture = crate::fixture::Fixture::new();
    let digest = format!("sha256:{}", crate::fixture::hex(b"{}"));
    fixture.record(format!("manifest {digest} 2 {}", crate::fixture::OCI_MANIFEST)).tag("demo", "latest", &digest).write_parcels(&[]);
    let (open, pass) = super::gate();
    let other = Other::start(&[b"{}"], move |_, _, _| {
        pass();
        Then::Close
    });
    let injector = copy(&fixture, other.address);
    let mut client = crate::client::Client::new(injector.address());
    client.write(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", crate::fixture::path("demo/manifests/latest")));
    injector.line("held", &digest);
    drop(open);
    let answer = client.response();
    assert_eq!((answer.status, answer.code()), (404, "MANIFEST_UNKNOWN".into()));
    // Who waits is answered side by side with the log.
    injector.line("unavailable", &digest);
    // The connection goes on.
    assert_eq!(client.get("/v2/").status, 200);
}
