//! Beginning and end: another registry that is gone, restarts, a full store, SIGTERM, memory.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use super::{SILENCE, ask, blob, copy, gate, listing, registry, told};
use crate::client::get;
use crate::fixture::{Fixture, noise};
use crate::other::{Other, Then, send, whole};
use crate::process::{Injector, binary, shipped};
use crate::punctual::punctually;
use crate::reserved::reserve;

#[test]
fn from_a_registry_that_is_gone_nothing_is_copied_and_all_is_wanted_at_once() {
    let (_reserved, gone) = reserve();
    let (new, digests) = listing(&[b"some bytes"]);
    let injector = Injector::serve_copies(&new, gone);
    let mut feed = injector.deliverer().feed();
    let _client = ask(&injector, &digests[0]);
    assert_eq!(feed.line(), format!("wanted {} 0", digests[0]));
    injector.ready();
    assert_eq!(told(&injector, "unreachable"), [format!("to={gone} reason=connection refused")]);
    assert_eq!(
        (told(&injector, "copying"), told(&injector, "copied")),
        (vec!["contents=0 bytes=0".into()], vec!["contents=0 bytes=0".into()])
    );
}

#[test]
fn a_registry_that_says_nothing_delays_what_is_waited_for_by_seconds_only() {
    // It takes connections, for the kernel does, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (new, digests) = listing(&[b"some bytes"]);
    let injector = Injector::serve_copies(&new, silent.local_addr().unwrap());
    let mut feed = injector.deliverer().feed();
    let _client = ask(&injector, &digests[0]);
    assert_eq!(feed.line(), format!("wanted {} 0", digests[0]));
    injector.line("unreachable", "reason=nothing came for 30 s");
    injector.ready();
}

#[test]
fn a_registry_that_stands_still_for_seconds_is_waited_for() {
    let bytes = noise(739, 100_000);
    let (_old, other) = registry(&[&bytes]);
    let (new, _) = listing(&[&bytes]);
    punctually(SILENCE, |_| {
        other.stop();
        let injector = copy(&new, other.address());
        injector.line("listening", "");
        // Longer than any answer takes that is on its way.
        std::thread::sleep(Duration::from_secs(7));
        other.signal("CONT");
        injector.ready();
        assert_eq!(told(&injector, "copied"), ["contents=1 bytes=100000"]);
    });
}

#[test]
fn a_registry_that_goes_away_leaves_the_rest_to_others() {
    let blobs: Vec<Vec<u8>> = (0..20).map(|number| noise(740 + number, 100_000)).collect();
    let contents: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
    let (old, other) = registry(&contents);
    // It may be killed before, between and behind: in any case nothing is held and nothing is lost.
    let (new, _) = listing(&contents);
    let injector = Injector::serve_copies(&new, other.address());
    injector.line("verified", "");
    other.signal("KILL");
    injector.ready();
    let copied = told(&injector, "verified").len();
    let (copying, missing) = injector.deliverer().missing();
    assert_eq!((copying, copied + missing.len()), (0, 20));
    drop(old);
}

#[test]
fn a_restart_copies_what_is_missing_until_copying_has_come_to_its_end_and_then_asks_nobody() {
    let blobs = [noise(760, 80_000), noise(761, 90_000)];
    punctually(SILENCE, |_| {
        let (open, pass) = gate();
        let other = Other::start(&[&blobs[0], &blobs[1]], move |head, bytes, socket| {
            if bytes.len() == 90_000 {
                pass();
            }
            send(head, bytes, socket)
        });
        let (new, digests) = listing(&[&blobs[0], &blobs[1]]);
        let first = copy(&new, other.address);
        first.line("verified", &digests[0]);
        other.await_requests("GET ", 2);
        drop((first, open));
        let second = copy(&new, other.address);
        assert!(get(second.ready(), &blob(&digests[1])).body == blobs[1]);
        assert_eq!(told(&second, "copied"), ["contents=1 bytes=90000"]);
        drop(second);
        fs::remove_file(new.store().join(&digests[1]["sha256:".len()..])).unwrap();
        let asked = other.await_requests("", 0);
        let third = copy(&new, other.address);
        assert!(get(third.ready(), &blob(&digests[0])).body == blobs[0]);
        assert_eq!(told(&third, "unavailable"), [format!("digest={}", digests[1])]);
        assert_eq!(other.await_requests("", 0), asked);
    });
}

#[test]
fn what_was_unavailable_asks_for_no_chunk_after_a_restart() {
    let (carried, lost) = (noise(762, 80_000), noise(763, 90_000));
    let mut new = Fixture::new();
    let digests = [new.blob(&carried), new.list(&lost)];
    new.record("repository demo").write();
    let (_old, other) = registry(&[b"another"]);
    copy(&new, other.address()).ready();
    fs::remove_dir_all(new.directory.join("chunks")).unwrap();
    let again = copy(&new, other.address());
    assert!(get(again.ready(), &blob(&digests[0])).body == carried);
    assert_eq!(told(&again, "unavailable"), [format!("digest={}", digests[1])]);
}

#[test]
fn sigterm_ends_it_in_the_middle_of_a_copy() {
    let bytes = noise(764, 300_000);
    punctually(SILENCE, |_| {
        let (_open, pass) = gate();
        let other = Other::start(&[&bytes], move |_, bytes, socket| {
            socket.write_all([whole(bytes.len()).as_bytes(), &bytes[..100_000]].concat().as_slice()).unwrap();
            pass();
            Then::Close
        });
        let (new, digests) = listing(&[&bytes]);
        let injector = copy(&new, other.address);
        let mut client = ask(&injector, &digests[0]);
        client.response_head();
        client.fill(100_000);
        injector.signal("TERM");
        let (status, lines) = injector.end();
        assert_eq!(status.code(), Some(0), "{lines:#?}");
        assert!(
            lines.last().unwrap().starts_with("jackal stopped ") && !lines.iter().any(|line| line.starts_with("jackal uncopied ")),
            "{lines:#?}"
        );
    });
}

#[test]
fn a_store_that_is_full_ends_the_process_with_15() {
    let bytes = noise(765, 3_000_000);
    let (_old, other) = registry(&[&bytes]);
    let (mut new, digests) = listing(&[&bytes]);
    if !new.small_store() {
        return;
    }
    let (status, lines) = copy(&new, other.address()).end();
    assert_eq!(status.code(), Some(15), "{lines:#?}");
    let last = lines.last().unwrap();
    assert!(last.contains("is full while writing") && last.contains(&digests[0]) && last.contains("ephemeral storage"), "{last}");
}

#[test]
fn the_secret_is_never_told_and_an_address_is_numbers() {
    let (new, _) = listing(&[b"some bytes"]);
    let other = Other::start(&[b"some bytes"], send);
    let injector = copy(&new, other.address);
    injector.ready();
    injector.signal("TERM");
    let (_, lines) = injector.end();
    assert!(lines.iter().all(|line| !line.contains(crate::fixture::SECRET)), "{lines:#?}");
    for wrong in ["registry:5000", "5000", "127.0.0.1", "::1:5000", ""] {
        let mut command = Command::new(binary());
        command.args(["serve", "--store", "s", "--listen", "0", "--catalog", "c", "--chunks", "c", "--from", wrong]);
        let (status, lines) = Injector::start(command).end();
        assert_eq!(status.code(), Some(2));
        assert!(lines[0].contains("--from takes an address and port such as 127.0.0.1:5000 or [::1]:5000"), "{lines:#?}");
    }
}

#[test]
fn a_quarter_of_a_gigabyte_on_all_connections_fits_into_8_mib() {
    let blobs: Vec<Vec<u8>> = (0..5).map(|number| noise(770 + number, 50 << 20)).collect();
    let contents: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
    let (_old, other) = registry(&contents);
    let (new, _) = listing(&contents);
    let from = other.address().to_string();
    let injector = Injector::launch(&new, Command::new(shipped()), "127.0.0.1:0", &["--from", &from]);
    injector.ready();
    let line = injector.line("copied", "contents=5 bytes=262144000");
    println!("{line}, peak {} KiB", injector.memory("VmHWM:"));
    assert!(injector.memory("VmHWM:") < 8 << 10);
}
