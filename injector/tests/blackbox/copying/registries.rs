//! One registry that copies from another.

use std::io::Write;

use super::{ask, blob, copy, gate, listing, registry, told};
use crate::client::{Client, get};
use crate::fixture::{Fixture, OCI_MANIFEST, noise, path, tar};
use crate::other::{Other, Then, whole};
use crate::process::{Injector, value};

#[test]
fn what_the_other_registry_has_is_copied_and_the_rest_is_unavailable() {
    let (large, empty, manifest, lacking, gone) = (noise(600, 3_000_000), Vec::new(), b"{\"a\":1}", noise(601, 9_000), b"{\"a\":2}");
    let mut old = Fixture::new();
    old.blob(&large);
    old.blob(&empty);
    old.manifest(manifest, OCI_MANIFEST);
    old.record("repository demo").write();
    let other = Injector::serve(&old);
    let mut new = Fixture::new();
    let digests = [&large[..], &empty, &lacking].map(|bytes| new.list(bytes));
    let manifests = [&manifest[..], &gone[..]].map(|bytes| {
        let digest = format!("sha256:{}", crate::fixture::hex(bytes));
        new.record(format!("manifest {digest} 7 {OCI_MANIFEST}"));
        digest
    });
    new.tag("demo", "latest", &manifests[0]).tag("demo", "gone", &manifests[1]).write_parcels(&[]);
    let injector = copy(&new, other.ready());
    let address = injector.ready();
    assert_eq!(told(&injector, "copying"), ["contents=3 bytes=3000007"]);
    assert_eq!(told(&injector, "copied"), ["contents=3 bytes=3000007"]);
    assert_eq!(told(&injector, "verified").len(), 3);
    let mut unavailable = [format!("digest={}", digests[2]), format!("digest={}", manifests[1])];
    unavailable.sort();
    assert_eq!(told(&injector, "unavailable"), unavailable);
    assert!(get(address, &blob(&digests[0])).body == large);
    assert_eq!(get(address, &blob(&digests[1])).body, empty);
    assert_eq!(get(address, &path("demo/manifests/latest")).body, manifest);
    let absent = get(address, &blob(&digests[2]));
    assert_eq!((absent.status, absent.code()), (404, "BLOB_UNKNOWN".into()));
    assert_eq!(Client::new(address).head(&blob(&digests[2])).status, 404);
    let absent = get(address, &path("demo/manifests/gone"));
    assert_eq!((absent.status, absent.code()), (404, "MANIFEST_UNKNOWN".into()));
    assert_eq!(get(address, &format!("/{}/readyz", crate::fixture::SECRET)).status, 200);
}

#[test]
fn it_asks_by_a_repository_that_the_other_one_knows() {
    let bytes = noise(602, 20_000);
    let (_old, other) = registry(&[&bytes]);
    let mut new = Fixture::new();
    let digest = new.list(&bytes);
    new.record("repository another").record("repository demo").record("repository third").write_parcels(&[]);
    let injector = copy(&new, other.address());
    assert!(get(injector.ready(), &path(&format!("third/blobs/{digest}"))).body == bytes);
}

#[test]
fn nothing_is_copied_from_a_registry_without_a_repository_in_common_or_with_another_secret() {
    let bytes = noise(603, 20_000);
    let (_old, other) = registry(&[&bytes]);
    let mut renamed = Fixture::new();
    renamed.list(&bytes);
    renamed.record("repository another").write_parcels(&[]);
    let mut foreign = Fixture::new();
    foreign.records = vec![format!("prefix {}", "e".repeat(32))];
    foreign.list(&bytes);
    foreign.record("repository demo").write_parcels(&[]);
    for fixture in [renamed, foreign] {
        let injector = copy(&fixture, other.address());
        injector.ready();
        assert_eq!(
            (told(&injector, "copying"), told(&injector, "copied")),
            (vec!["contents=0 bytes=0".into()], vec!["contents=0 bytes=0".into()])
        );
        assert_eq!(told(&injector, "unavailable").len(), 1);
    }
}

#[test]
fn parcels_are_taken_beside_the_copies() {
    let (both, there, here) = (noise(604, 300_000), noise(605, 300_000), noise(606, 300_000));
    let (_old, other) = registry(&[&both, &there]);
    let mut new = Fixture::new();
    let digests = [&both, &there, &here].map(|bytes| new.list(bytes));
    new.record("repository demo").write_parcels(&[tar([&both, &here])]);
    let injector = copy(&new, other.address());
    let address = injector.ready();
    for (digest, bytes) in digests.iter().zip([both, there, here]) {
        assert!(get(address, &blob(digest)).body == bytes);
    }
    assert_eq!((told(&injector, "verified").len(), told(&injector, "unavailable").len()), (3, 0));
}

#[test]
fn readiness_waits_for_the_copies_with_deliveries_too() {
    let bytes = noise(607, 2_000_000);
    let (_old, other) = registry(&[&bytes]);
    let (new, digests) = listing(&[&bytes, b"not there"]);
    let injector = Injector::serve_copies(&new, other.address());
    injector.ready();
    let mut order: Vec<String> = injector.lines().iter().map(|line| line.split(' ').nth(1).unwrap().to_string()).collect();
    // One content may be there before the other registry has said that it lacks the other one.
    order[1..3].sort();
    assert_eq!(order, ["listening", "copying", "verified", "copied", "ready"]);
    assert!(get(injector.address(), &blob(&digests[0])).body == bytes);
}

#[test]
fn a_catalog_that_is_delivered_is_copied_for_too() {
    let (there, brought) = (noise(608, 400_000), noise(609, 1_000));
    let (_old, other) = registry(&[&there]);
    let (new, digests) = listing(&[&there, &brought]);
    let mut command = std::process::Command::new(crate::process::binary());
    command.arg("serve").arg("--store").arg(new.store()).args(["--listen", "127.0.0.1:0"]).args(new.delivery());
    command.arg("--from").arg(other.address().to_string());
    let injector = Injector::start(command);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put_catalog(new.catalog()), 201);
    let address = injector.ready();
    assert!(get(address, &blob(&digests[0])).body == there);
    assert_eq!(deliverer.missing(), (0, vec![format!("{} 1000", digests[1])]));
    assert_eq!(deliverer.put(&digests[1], &brought, 0, 1_000).0, 201);
    assert_eq!(deliverer.missing(), (0, vec![]));
    assert_eq!(value(&injector.line("copied", ""), "bytes"), "400000");
}

#[test]
fn one_copies_on_from_another_that_copies() {
    let bytes = noise(610, 900_000);
    let (_old, first) = registry(&[&bytes]);
    let (middle, digests) = listing(&[&bytes]);
    let second = copy(&middle, first.address());
    let (last, _) = listing(&[&bytes]);
    let third = copy(&last, second.address());
    assert!(get(third.ready(), &blob(&digests[0])).body == bytes);
    assert_eq!(told(&third, "copied"), ["contents=1 bytes=900000"]);
}

#[test]
fn a_parcel_takes_over_from_a_copy() {
    let bytes = noise(611, 300_000);
    let (_open, pass) = gate();
    let other = Other::start(&[&bytes], move |_, bytes, socket| {
        socket.write_all([whole(bytes.len()).as_bytes(), &bytes[..100_000]].concat().as_slice()).unwrap();
        pass();
        Then::Close
    });
    let mut new = Fixture::new();
    let digest = new.blob(&bytes);
    new.record("repository demo").write();
    // The chunk with the content's first bytes comes when the copy has brought some, and waits for no more of them.
    let first = new.pipe(0);
    let injector = copy(&new, other.address);
    let mut client = ask(&injector, &digest);
    client.response_head();
    client.fill(100_000);
    std::fs::write(new.chunk(0), first).unwrap();
    injector.line("verified", &digest);
    assert!(get(injector.ready(), &blob(&digest)).body == bytes);
    assert_eq!(told(&injector, "copied"), ["contents=0 bytes=0"]);
}
