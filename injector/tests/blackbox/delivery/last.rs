//! The last word of those who deliver: what has not come is not going to.

use std::fs::OpenOptions;
use std::io::Write;

use super::{ask, started};
use crate::client::{Client, get};
use crate::fixture::{Fixture, OCI_MANIFEST, SECRET, hex, noise, path};
use crate::process::Injector;

fn blob(digest: &str) -> String {
    path(&format!("demo/blobs/{digest}"))
}

/// Checks that a content is as one that the catalog does not list, and cannot be delivered.
fn is_unavailable(injector: &Injector, digest: &str, bytes: &[u8]) {
    let absent = get(injector.address(), &blob(digest));
    assert_eq!((absent.status, absent.code()), (404, "BLOB_UNKNOWN".into()));
    assert_eq!(Client::new(injector.address()).head(&blob(digest)).status, 404);
    assert_eq!(injector.deliverer().put(digest, bytes, 0, bytes.len()), (409, Some(0)));
}

#[test]
fn what_has_not_come_is_404_from_then_on_and_whoever_waits_is_let_go() {
    let (whole, half, none) = (noise(270, 50_000), noise(271, 60_000), noise(272, 70_000));
    let (fixture, injector, blobs) = started(&[&whole, &half, &none]);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put(&blobs[0], &whole, 0, 50_000).0, 201);
    assert_eq!(deliverer.put(&blobs[1], &half, 0, 20_000).0, 200);
    let mut waiting = [ask(&injector, &blobs[1]), ask(&injector, &blobs[2])];
    blobs[1..].iter().for_each(|digest| drop(injector.line("held", digest)));
    assert_eq!(deliverer.request("PUT", "/end", "Content-Length: 0\r\n").status, 204);
    for client in &mut waiting {
        client.response_head();
        assert!(client.rest().len() < 60_000);
    }
    let given_up = |injector: &Injector| blobs[1..].iter().for_each(|digest| drop(injector.line("unavailable", digest)));
    given_up(&injector);
    is_unavailable(&injector, &blobs[1], &half);
    is_unavailable(&injector, &blobs[2], &none);
    let address = injector.address();
    assert!(get(address, &blob(&blobs[0])).body == whole);
    assert_eq!(get(address, &format!("/{SECRET}/readyz")).status, 200);
    // It may be said again, by another connection, too.
    assert_eq!(injector.deliverer().request("PUT", "/end", "Content-Length: 0\r\n").status, 204);
    drop(injector);
    let again = Injector::serve_deliveries(&fixture);
    given_up(&again);
    is_unavailable(&again, &blobs[2], &none);
    assert!(get(again.address(), &blob(&blobs[0])).body == whole);
}

#[test]
fn a_manifest_that_is_waited_for_is_answered_404() {
    let mut fixture = Fixture::new();
    let manifest = b"{\"some\":\"manifest\"}";
    let digest = format!("sha256:{}", hex(manifest));
    fixture.record("repository demo").record(format!("manifest {digest} {} {OCI_MANIFEST}", manifest.len()));
    fixture.tag("demo", "latest", &digest).write_parcels(&[]);
    let injector = Injector::serve_deliveries(&fixture);
    injector.ready();
    let mut client = Client::new(injector.address());
    client.write(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path("demo/manifests/latest")));
    injector.line("held", &digest);
    assert_eq!(injector.deliverer().request("PUT", "/end", "Content-Length: 0\r\n").status, 204);
    let answer = client.response();
    assert_eq!((answer.status, answer.code()), (404, "MANIFEST_UNKNOWN".into()));
}

#[test]
fn what_is_on_its_way_is_sent_away() {
    let bytes = noise(273, 50_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut feed = injector.deliverer().feed();
    let _waiting = ask(&injector, &blobs[0]);
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[0]));
    let mut deliverer = injector.deliverer();
    deliverer.begin(&blobs[0], 0, 50_000, 50_000, "");
    deliverer.client.write(&bytes[..20_000]);
    while injector.deliverer().offset(&blobs[0]).0 < 20_000 {}
    assert_eq!(injector.deliverer().request("PUT", "/end", "Content-Length: 0\r\n").status, 204);
    assert_eq!(deliverer.client.rest(), b"");
    is_unavailable(&injector, &blobs[0], &bytes);
}

#[test]
fn what_parcels_bring_still_comes() {
    let mut fixture = Fixture::new();
    let (carried, lacking) = (noise(274, 100_000), noise(275, 100_000));
    let (first, second) = (fixture.blob(&carried), fixture.list(&lacking));
    fixture.record("repository demo").write();
    let last = fixture.pipe(1);
    let injector = Injector::serve_deliveries(&fixture);
    assert_eq!(injector.deliverer().request("PUT", "/end", "Content-Length: 0\r\n").status, 204);
    let mut client = ask(&injector, &first);
    OpenOptions::new().write(true).open(fixture.chunk(1)).unwrap().write_all(&last).unwrap();
    assert!(client.response().body == carried);
    injector.line("unavailable", &second);
    is_unavailable(&injector, &second, &lacking);
}

#[test]
fn it_is_said_by_put_and_not_before_there_is_a_catalog() {
    let (_fixture, injector, _) = started(&[b"some bytes"]);
    let mut deliverer = injector.deliverer();
    let answer = deliverer.request("GET", "/end", "");
    assert_eq!((answer.status, answer.header("Allow")), (405, Some("PUT")));
    let fixture = Fixture::new();
    let awaiting = Injector::await_catalog(&fixture, "127.0.0.1:0");
    assert_eq!(awaiting.deliverer().request("PUT", "/end", "Content-Length: 0\r\n").status, 404);
}
