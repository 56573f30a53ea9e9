//! Slices of contents: where they begin, what they are answered, and who gets their bytes.

use crate::client::{Client, get};
use crate::deliverer::Deliverer;
use crate::fixture::{Fixture, noise, path};
use crate::process::Injector;

/// A run whose blobs come by delivery only.
fn started(blobs: &[&[u8]]) -> (Fixture, Injector, Vec<String>) {
    let mut fixture = Fixture::new();
    let digests = blobs.iter().map(|bytes| fixture.list(bytes)).collect();
    fixture.record("repository demo").write_parcels(&[]);
    let injector = Injector::serve_deliveries(&fixture);
    injector.ready();
    (fixture, injector, digests)
}

fn ask(injector: &Injector, blob: &str) -> Client {
    let mut client = Client::new(injector.address());
    client.write(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path(&format!("demo/blobs/{blob}"))));
    client
}

#[test]
fn a_blob_comes_in_slices_and_is_served_when_it_is_whole() {
    let bytes = noise(200, 300_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let blob = &blobs[0];
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.offset(blob), (0, 300_000));
    assert_eq!(deliverer.put(blob, &bytes, 0, 100_000), (200, Some(100_000)));
    assert_eq!(deliverer.offset(blob), (100_000, 300_000));
    assert_eq!(deliverer.put(blob, &bytes, 100_000, 300_000), (201, Some(300_000)));
    assert_eq!(deliverer.offset(blob), (300_000, 300_000));
    assert!(get(injector.address(), &path(&format!("demo/blobs/{blob}"))).body == bytes);
    assert!(injector.line("delivered", blob).ends_with("size=300000"));
}

#[test]
fn bytes_that_are_here_are_skipped() {
    let bytes = noise(201, 300_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 150_000), (200, Some(150_000)));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 100_000), (200, Some(150_000)));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 50_000, 200_000), (200, Some(200_000)));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 300_000), (201, Some(300_000)));
    // Whole: also slices that nobody needs are read to their end.
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 300_000), (201, Some(300_000)));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 5, 6), (201, Some(300_000)));
    assert!(get(injector.address(), &path(&format!("demo/blobs/{}", blobs[0]))).body == bytes);
}

#[test]
fn a_waiting_client_gets_the_bytes_as_they_come_and_the_last_one_when_the_digest_was_right() {
    let bytes = noise(202, 200_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut feed = injector.deliverer().feed();
    let mut client = ask(&injector, &blobs[0]);
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[0]));
    let mut deliverer = injector.deliverer();
    deliverer.begin(&blobs[0], 0, bytes.len(), bytes.len(), "");
    deliverer.client.write(&bytes[..70_000]);
    assert_eq!(client.response_head().length(), bytes.len());
    assert!(client.take(70_000) == bytes[..70_000]);
    deliverer.client.write(&bytes[70_000..]);
    assert!(client.take(130_000) == bytes[70_000..]);
    assert_eq!(deliverer.taken(), (201, Some(200_000)));
    assert_eq!(feed.line(), format!("verified {} 200000", blobs[0]));
    assert_eq!(feed.line(), format!("pulled {} 200000 127.0.0.1", blobs[0]));
}

#[test]
fn a_body_that_is_cut_off_counts_as_far_as_it_came_and_the_next_connection_goes_on() {
    let bytes = noise(203, 200_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut client = ask(&injector, &blobs[0]);
    let mut deliverer = injector.deliverer();
    deliverer.begin(&blobs[0], 0, bytes.len(), bytes.len(), "");
    deliverer.client.write(&bytes[..60_000]);
    client.response_head();
    assert!(client.take(60_000) == bytes[..60_000]);
    drop(deliverer);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.offset(&blobs[0]), (60_000, 200_000));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 60_000, 200_000), (201, Some(200_000)));
    assert!(client.take(140_000) == bytes[60_000..]);
}

#[test]
fn a_second_connection_takes_over_from_one_that_says_nothing_any_more() {
    let bytes = noise(204, 200_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut client = ask(&injector, &blobs[0]);
    let mut dead = injector.deliverer();
    dead.begin(&blobs[0], 0, bytes.len(), bytes.len(), "");
    dead.client.write(&bytes[..60_000]);
    client.response_head();
    assert!(client.take(60_000) == bytes[..60_000]);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put(&blobs[0], &bytes, 50_000, 200_000), (201, Some(200_000)));
    assert!(client.take(140_000) == bytes[60_000..]);
    assert_eq!(dead.client.rest(), b"");
}

#[test]
fn a_slice_behind_what_is_here_is_refused_or_waits_for_what_is_before() {
    let bytes = noise(205, 200_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut early = injector.deliverer();
    early.begin(&blobs[0], 120_000, 80_000, bytes.len(), "");
    assert_eq!(early.taken(), (409, Some(0)));
    early.client.socket.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(early.client.rest(), b"");
    let mut late = injector.deliverer();
    late.begin(&blobs[0], 120_000, 80_000, bytes.len(), "Prefer: wait=60\r\n");
    late.client.write(&bytes[120_000..]);
    assert_eq!(injector.deliverer().put(&blobs[0], &bytes, 0, 120_000), (200, Some(120_000)));
    assert_eq!(late.taken(), (201, Some(200_000)));
    // A short body is read past, and the connection stays.
    assert_eq!(late.offset(&blobs[0]), (200_000, 200_000));
}

#[test]
fn a_wrong_blob_begins_again_and_nobody_gets_the_whole_of_it() {
    let bytes = noise(206, 200_000);
    let mut wrong = bytes.clone();
    wrong[10] ^= 1;
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut feed = injector.deliverer().feed();
    let mut fooled = ask(&injector, &blobs[0]);
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[0]));
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put(&blobs[0], &wrong, 0, 100_000), (200, Some(100_000)));
    fooled.response_head();
    fooled.take(100_000);
    assert_eq!(deliverer.put(&blobs[0], &wrong, 100_000, 200_000), (422, Some(0)));
    assert_eq!(feed.line(), format!("wrong {}", blobs[0]));
    // Whoever has wrong bytes is cut off: the right ones do not go with them.
    assert!(fooled.rest().len() < 100_000);
    let mut client = ask(&injector, &blobs[0]);
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[0]));
    assert_eq!(deliverer.offset(&blobs[0]), (0, 200_000));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 200_000), (201, Some(200_000)));
    assert!(client.response().body == bytes);
    assert!(injector.line("wrong", &blobs[0]).ends_with("size=200000"));
}

#[test]
fn a_connection_without_the_right_proof_is_403_and_closed() {
    let (_fixture, injector, blobs) = started(&[b"some bytes"]);
    for (method, target) in [("GET", "/demands"), ("HEAD", &format!("/blobs/{}", blobs[0])[..]), ("GET", "/prove"), ("GET", "/v2/")] {
        let mut stranger = Deliverer::new(injector.delivery());
        assert_eq!(stranger.request(method, target, "").status, 403, "{target}");
        assert_eq!(stranger.client.rest(), b"", "{target}");
    }
    let mut stranger = Deliverer::new(injector.delivery());
    stranger.hello();
    assert_eq!(stranger.prove(&"0".repeat(64)).status, 403);
}
