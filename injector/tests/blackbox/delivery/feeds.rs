//! The feed of demands.

use super::{ask, started};
use crate::client::Client;
use crate::fixture::{Fixture, OCI_MANIFEST, noise, path};
use crate::process::Injector;

#[test]
fn a_head_request_demands_nothing_and_a_get_does_also_of_a_manifest() {
    let mut fixture = Fixture::new();
    let manifest = b"{\"some\":\"manifest\"}";
    let blob = fixture.list(b"some bytes");
    let digest = format!("sha256:{}", crate::fixture::hex(manifest));
    fixture.record(format!("manifest {digest} {} {OCI_MANIFEST}", manifest.len())).tag("demo", "latest", &digest);
    fixture.write_parcels(&[]);
    let injector = Injector::serve_deliveries(&fixture);
    let mut feed = injector.deliverer().feed();
    assert_eq!(Client::new(injector.address()).head(&path(&format!("demo/blobs/{blob}"))).length(), 10);
    let mut client = Client::new(injector.address());
    client.write(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path("demo/manifests/latest")));
    assert_eq!(feed.line(), format!("wanted {digest} 0"));
    assert_eq!(injector.deliverer().put(&digest, manifest, 0, manifest.len()), (201, Some(manifest.len() as u64)));
    assert_eq!(client.response().body, manifest);
    assert_eq!(feed.line(), format!("verified {digest} {}", manifest.len()));
    assert_eq!(feed.line(), format!("pulled {digest} {} 127.0.0.1", manifest.len()));
}

#[test]
fn what_is_wanted_and_what_was_pulled_is_told_once_to_each_feed_also_to_one_that_begins_later() {
    let (first, second, third) = (noise(240, 50_000), noise(241, 60_000), noise(242, 70_000));
    let (_fixture, injector, blobs) = started(&[&first, &second, &third]);
    let mut feed = injector.deliverer().feed();
    let mut clients = [ask(&injector, &blobs[0]), ask(&injector, &blobs[0])];
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[0]));
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put(&blobs[0], &first, 0, 50_000).0, 201);
    for client in &mut clients {
        assert!(client.response().body == first);
    }
    assert_eq!(feed.line(), format!("verified {} 50000", blobs[0]));
    assert_eq!(feed.line(), format!("pulled {} 50000 127.0.0.1", blobs[0]));
    // One of the others has come in part; both are waited for.
    assert_eq!(deliverer.put(&blobs[1], &second, 0, 20_000).0, 200);
    let _waiting = ask(&injector, &blobs[1]);
    assert_eq!(feed.line(), format!("wanted {} 20000", blobs[1]));
    let _also = ask(&injector, &blobs[2]);
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[2]));
    let mut later = injector.deliverer().feed();
    let mut lines = [later.line(), later.line(), later.line()];
    lines.sort();
    let mut expected =
        [format!("wanted {} 20000", blobs[1]), format!("wanted {} 0", blobs[2]), format!("pulled {} 50000 127.0.0.1", blobs[0])];
    expected.sort();
    assert_eq!(lines, expected);
    // Nothing more is to be told, so the next thing is a sign of life.
    assert_eq!([feed.any_line(), later.any_line()], ["alive", "alive"]);
}

#[test]
fn a_demand_ends_when_its_client_leaves() {
    let (first, second) = (noise(243, 50_000), noise(244, 50_000));
    let (_fixture, injector, blobs) = started(&[&first, &second]);
    let mut feed = injector.deliverer().feed();
    let mut client = ask(&injector, &blobs[0]);
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[0]));
    client.response_head();
    // A client that has only closed its side would be waited for; unread bytes make the kernel reset the connection.
    let mut other = injector.deliverer();
    assert_eq!(other.put(&blobs[0], &first, 0, 10_000), (200, Some(10_000)));
    client.socket.peek(&mut [0]).unwrap();
    drop(client);
    injector.line("broken", &blobs[0]);
    let _waiting = ask(&injector, &blobs[1]);
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[1]));
    let mut later = injector.deliverer().feed();
    assert_eq!(later.line(), format!("wanted {} 0", blobs[1]));
    assert_eq!(later.any_line(), "alive");
}
