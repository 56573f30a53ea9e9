//! What those who deliver are told of copies, and who comes first.

use std::io::Write;
use std::net::TcpListener;

use super::{SILENCE, ask, blob, gate, listing, registry, told};
use crate::client::{Client, get};
use crate::deliverer::Deliverer;
use crate::fixture::{Fixture, noise};
use crate::other::{Other, Then, send, whole};
use crate::process::Injector;
use crate::punctual::punctually;

#[test]
fn what_is_copied_is_served_as_it_comes_and_is_neither_wanted_nor_missing() {
    let (there, lacking) = (noise(620, 400_000), noise(621, 5_000));
    punctually(SILENCE, |steps| {
        let (open, pass) = gate();
        let other = Other::start(&[&there], move |_, bytes, socket| {
            socket.write_all(whole(bytes.len()).as_bytes()).unwrap();
            socket.write_all(&bytes[..100_000]).unwrap();
            pass();
            if socket.write_all(&bytes[100_000..]).is_ok() { Then::GoOn } else { Then::Close }
        });
        let (new, digests) = listing(&[&there, &lacking]);
        let injector = Injector::serve_copies(&new, other.address);
        let (mut deliverer, mut feed) = (injector.deliverer(), injector.deliverer().feed());
        let mut client = ask(&injector, &digests[0]);
        assert_eq!(client.response_head().length(), 400_000);
        assert!(client.take(100_000) == there[..100_000]);
        let _waiting = ask(&injector, &digests[1]);
        // The first is waited for, too, but only what is not there is wanted.
        assert_eq!(feed.line(), format!("wanted {} 0", digests[1]));
        assert_eq!(injector.deliverer().feed().line(), format!("wanted {} 0", digests[1]));
        assert_eq!(deliverer.missing(), (1, vec![format!("{} 5000", digests[1])]));
        steps.step();
        open.send(()).unwrap();
        assert!(client.take(300_000) == there[100_000..]);
        assert_eq!(feed.line(), format!("verified {} 400000", digests[0]));
        injector.line("copied", "");
        assert_eq!(deliverer.missing(), (0, vec![format!("{} 5000", digests[1])]));
    });
}

#[test]
fn what_clients_wait_for_comes_before_small_ones() {
    let blobs: Vec<Vec<u8>> = (0..10).map(|number| noise(630 + number, 10_000 + 1_000 * number as usize)).collect();
    punctually(SILENCE, |steps| {
        let (open, pass) = gate();
        let contents: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
        let other = Other::start(&contents, move |head, bytes, socket| {
            pass();
            send(head, bytes, socket)
        });
        let (new, digests) = listing(&contents);
        let injector = Injector::serve_copies(&new, other.address);
        injector.line("copying", "contents=10 bytes=145000");
        // All four connections are held; the others are asked for when one of them goes on.
        other.await_requests("GET ", 4);
        let client = ask(&injector, &digests[9]);
        injector.line("held", &digests[9]);
        open.send(()).unwrap();
        let asked = other.await_requests("GET ", 5);
        let expected = |place: usize| format!("GET demo/blobs/{}", digests[place]);
        let mut first = asked[..4].to_vec();
        first.sort();
        let mut smallest: Vec<String> = (0..4).map(expected).collect();
        smallest.sort();
        assert_eq!((first, &asked[4]), (smallest, &expected(9)));
        steps.step();
        drop((client, open));
        assert!(injector.line("copied", "").contains("contents=10 bytes=145000"));
    });
}

#[test]
fn a_slice_takes_over_from_a_copy_and_goes_on_where_it_was() {
    let bytes = noise(640, 300_000);
    let (_open, pass) = gate();
    let other = Other::start(&[&bytes], move |_, bytes, socket| {
        socket.write_all(whole(bytes.len()).as_bytes()).unwrap();
        socket.write_all(&bytes[..100_000]).unwrap();
        pass();
        Then::Close
    });
    let (new, digests) = listing(&[&bytes]);
    let injector = Injector::serve_copies(&new, other.address);
    let mut client = ask(&injector, &digests[0]);
    client.response_head();
    client.fill(100_000);
    let mut deliverer = injector.deliverer();
    deliverer.begin(&digests[0], 50_000, 250_000, 300_000, "");
    deliverer.client.write(&bytes[50_000..200_000]);
    client.fill(200_000);
    // Copying does not wait for it, and neither is it done by copying any more.
    injector.line("copied", "contents=0 bytes=0");
    assert_eq!(injector.deliverer().missing(), (0, vec![format!("{} 300000", digests[0])]));
    deliverer.client.write(&bytes[200_000..]);
    assert_eq!(deliverer.taken(), (201, Some(300_000)));
    assert!(client.take(300_000) == bytes);
}

#[test]
fn a_slice_of_what_is_yet_to_be_copied_is_taken() {
    let bytes: Vec<Vec<u8>> = (0..6).map(|number| noise(650 + number, 10_000 + number as usize)).collect();
    let contents: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
    punctually(SILENCE, |steps| {
        let (open, pass) = gate();
        let other = Other::start(&contents, move |head, bytes, socket| {
            pass();
            send(head, bytes, socket)
        });
        let (new, digests) = listing(&contents);
        let injector = Injector::serve_copies(&new, other.address);
        injector.line("copying", "contents=6");
        assert_eq!(injector.deliverer().put(&digests[5], &bytes[5], 0, 10_005), (201, Some(10_005)));
        assert_eq!(injector.deliverer().missing(), (5, vec![]));
        steps.step();
        drop(open);
        assert!(injector.line("copied", "").contains("contents=5 bytes=50010"));
        assert!(get(injector.address(), &blob(&digests[5])).body == bytes[5]);
    });
}

#[test]
fn a_list_of_what_is_missing_is_for_those_who_have_proven_themselves_and_for_get() {
    let fixture = Fixture::new();
    let injector = Injector::await_catalog(&fixture, "127.0.0.1:0");
    assert_eq!(Deliverer::new(injector.delivery()).request("GET", "/missing", "").status, 403);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.request("GET", "/missing", "").status, 404);
    let (new, digests) = listing(&[b"some bytes", b"other bytes"]);
    assert_eq!(deliverer.put_catalog(new.catalog()), 201);
    let answer = deliverer.request("PUT", "/missing", "");
    assert_eq!((answer.status, answer.header("Allow")), (405, Some("GET")));
    // Nothing is copied without another registry. Sorted by digest, as catalogs are.
    let mut lines = vec![format!("{} 10", digests[0]), format!("{} 11", digests[1])];
    lines.sort();
    assert_eq!(deliverer.missing(), (0, lines.clone()));
    assert_eq!(deliverer.put(&digests[0], b"some bytes", 0, 4).0, 200);
    assert_eq!(deliverer.missing(), (0, lines));
    assert_eq!(deliverer.put(&digests[0], b"some bytes", 4, 10).0, 201);
    assert_eq!(deliverer.missing(), (0, vec![format!("{} 11", digests[1])]));
}

#[test]
fn a_feed_is_told_of_copies_that_nobody_waited_for() {
    let bytes = noise(660, 2_000_000);
    let (_old, other) = registry(&[&bytes]);
    let (new, digests) = listing(&[&bytes]);
    let mut command = std::process::Command::new(crate::process::binary());
    command.arg("serve").arg("--store").arg(new.store()).args(["--listen", "127.0.0.1:0"]).args(new.delivery());
    command.arg("--from").arg(other.address().to_string());
    let injector = Injector::start(command);
    // A feed that began before the catalog misses nothing.
    let mut feed = injector.deliverer().feed();
    assert_eq!(injector.deliverer().put_catalog(new.catalog()), 201);
    assert_eq!(feed.line(), format!("verified {} 2000000", digests[0]));
}

#[test]
fn what_only_the_other_registry_had_is_unavailable_when_copying_ends_and_the_rest_may_be_delivered() {
    // It takes connections, for the kernel does, and says nothing for as long as it is there.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    punctually(SILENCE, |_| {
        let (mut new, digests) = listing(&[b"replaced", b"brought"]);
        new.record(format!("replaced {}", digests[0])).write_parcels(&[]);
        let injector = Injector::serve_copies(&new, other.local_addr().unwrap());
        let (line, _) = other.accept().unwrap();
        let (mut replaced, mut brought) = (ask(&injector, &digests[0]), ask(&injector, &digests[1]));
        digests.iter().for_each(|digest| drop(injector.line("held", digest)));
        drop(line);
        let address = injector.ready();
        assert_eq!(told(&injector, "unavailable"), [format!("digest={}", digests[0])]);
        // Whoever waits is cut off.
        assert_eq!(replaced.response_head().length(), 8);
        assert_eq!(replaced.rest(), b"");
        let absent = get(address, &blob(&digests[0]));
        assert_eq!((absent.status, absent.code()), (404, "BLOB_UNKNOWN".into()));
        assert_eq!(Client::new(address).head(&blob(&digests[0])).status, 404);
        assert_eq!(injector.deliverer().put(&digests[1], b"brought", 0, 7), (201, Some(7)));
        assert_eq!(brought.response().body, b"brought");
    });
}

#[test]
fn what_was_replaced_and_is_copied_is_served() {
    let bytes = noise(661, 20_000);
    let (_old, other) = registry(&[&bytes]);
    let (mut new, digests) = listing(&[&bytes]);
    new.record(format!("replaced {}", digests[0])).write_parcels(&[]);
    let injector = Injector::serve_copies(&new, other.address());
    assert!(get(injector.ready(), &blob(&digests[0])).body == bytes);
    assert!(told(&injector, "unavailable").is_empty());
}
