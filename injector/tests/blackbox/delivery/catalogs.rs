//! A catalog that is delivered: when it is taken, and what there is before it.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use jackal_injector::token::Matter;

use super::ask;
use crate::client::get;
use crate::fixture::{Fixture, SECRET, noise, path};
use crate::process::{Injector, binary, value};
use crate::reserved::reserve;

/// A run that awaits its catalog, which lists one blob.
fn awaiting(bytes: &[u8]) -> (Fixture, Injector, String) {
    let mut fixture = Fixture::new();
    let blob = fixture.list(bytes);
    fixture.record("repository demo");
    let injector = Injector::await_catalog(&fixture, "127.0.0.1:0");
    injector.line("awaiting", "");
    (fixture, injector, blob)
}

#[test]
fn a_delivered_catalog_is_served_as_a_mounted_one_and_is_ready_at_once() {
    let bytes = noise(270, 100_000);
    let (fixture, injector, blob) = awaiting(&bytes);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put_catalog(fixture.catalog()), 201);
    let line = injector.line("listening", " contents=1 missing=1 parcels=0 ");
    assert_eq!(value(&line, "delivery").parse(), Ok(injector.delivery()));
    assert_eq!(get(injector.ready(), &format!("/{SECRET}/readyz")).status, 200);
    let mut client = ask(&injector, &blob);
    assert_eq!(deliverer.put(&blob, &bytes, 0, 100_000), (201, Some(100_000)));
    assert!(client.response().body == bytes);
}

#[test]
fn the_pull_port_is_opened_only_with_the_catalog() {
    let mut fixture = Fixture::new();
    let blob = fixture.list(b"some bytes");
    let (_reserved, address) = reserve();
    let holder = TcpListener::bind(address).unwrap();
    let injector = Injector::await_catalog(&fixture, &address.to_string());
    let mut deliverer = injector.deliverer();
    drop(holder);
    assert_eq!(deliverer.put_catalog(fixture.catalog()), 201);
    assert_eq!(injector.address(), address);
    assert_eq!(deliverer.offset(&blob), (0, 10));
}

#[test]
fn a_pull_port_that_is_taken_when_the_catalog_comes_is_16() {
    let fixture = Fixture::new();
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap();
    let injector = Injector::await_catalog(&fixture, &address.to_string());
    let mut deliverer = injector.deliverer();
    let catalog = fixture.catalog();
    deliverer.begin_catalog(catalog.len(), &deliverer.catalog_proof(&catalog));
    deliverer.client.write(&catalog);
    let (status, lines) = injector.end();
    assert_eq!(status.code(), Some(16));
    assert!(lines.last().unwrap().contains("cannot be listened on"), "{lines:#?}");
}

#[test]
fn the_same_catalog_again_is_201_and_another_one_is_409() {
    let (mut fixture, injector, blob) = awaiting(b"some bytes");
    let catalog = fixture.catalog();
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put_catalog(&catalog), 201);
    assert_eq!(deliverer.put_catalog(&catalog), 201);
    let other = fixture.list(b"other bytes");
    for another in [&fixture.catalog(), "no catalog"] {
        assert_eq!(injector.deliverer().put_catalog(another), 409, "{another}");
    }
    assert_eq!(injector.deliverer().put_catalog(&catalog), 201);
    assert_eq!(deliverer.offset(&blob), (0, 10));
    assert_eq!(deliverer.request("HEAD", &format!("/blobs/{other}"), "").status, 404);
}

#[test]
fn a_mounted_catalog_is_the_one_that_others_are_compared_with() {
    let mut fixture = Fixture::new();
    fixture.blob(b"some bytes");
    fixture.write();
    let injector = Injector::serve_deliveries(&fixture);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put_catalog(fixture.catalog()), 409);
    assert_eq!(deliverer.put_catalog(fs::read(fixture.directory.join("catalog")).unwrap()), 201);
}

#[test]
fn what_is_no_catalog_or_lists_parcels_is_422_and_the_right_one_may_follow() {
    let (fixture, injector, _) = awaiting(b"some bytes");
    let mut deliverer = injector.deliverer();
    let wrong = fixture.catalog().replace("repository", "frob");
    assert_eq!(deliverer.put_catalog(&wrong), 422);
    injector.line("refused", "reason=line 4: unknown record \"frob\"");
    assert_eq!(deliverer.put_catalog(b"jackal-catalog 1\n\xff"), 422);
    injector.line("refused", "reason=byte 17 is not UTF-8");
    let chunk = format!("parcel p 5\nchunk 0000/chunk 5 {}\nend\n", "a".repeat(64));
    assert_eq!(deliverer.put_catalog(fixture.catalog().replace("end\n", &chunk)), 422);
    injector.line("refused", "reason=it lists parcel p, but a catalog that is delivered has none");
    assert_eq!(deliverer.put_catalog(format!("jackal-catalog 1\n{}\nend\n", "x".repeat(100_000))), 422);
    assert!(injector.line("refused", "xxx").len() < 1200);
    assert_eq!(deliverer.put_catalog(fixture.catalog()), 201);
}

#[test]
fn a_catalog_without_a_length_is_400_and_the_connection_ends_when_a_body_follows() {
    let (fixture, injector, _) = awaiting(b"some bytes");
    let mut deliverer = injector.deliverer();
    for headers in ["", "Content-Length: 0\r\n"] {
        assert_eq!(deliverer.request("PUT", "/catalog", headers).status, 400, "{headers}");
    }
    for headers in ["Transfer-Encoding: chunked\r\n", "Expect: 100-continue\r\nContent-Length: 10\r\n", "Content-Length: x\r\n"] {
        let mut other = injector.deliverer();
        let answer = other.request("PUT", "/catalog", headers);
        assert_eq!((answer.status, answer.header("Connection")), (400, Some("close")), "{headers}");
        assert_eq!(other.client.rest(), b"");
    }
    assert_eq!(deliverer.put_catalog(fixture.catalog()), 201);
}

#[test]
fn a_catalog_of_8_mib_is_taken_and_a_larger_one_is_413() {
    let (fixture, injector, blob) = awaiting(b"some bytes");
    let answer = injector.deliverer().request("PUT", "/catalog", &format!("Content-Length: {}\r\n", (8 << 20) + 1));
    assert_eq!((answer.status, answer.header("Connection")), (413, Some("close")));
    // The same said twice is harmless, whatever it is.
    let mut largest = fixture.catalog();
    let record = "repository demo\n";
    let missing = (8 << 20) - largest.len();
    let padding = format!("repository {}\n", "d".repeat(missing % record.len() + 4));
    largest = largest.replace("end\n", &(record.repeat(missing / record.len() - 1) + &padding + "end\n"));
    assert_eq!(largest.len(), 8 << 20);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put_catalog(&largest), 201);
    assert_eq!(deliverer.offset(&blob), (0, 10));
}

#[test]
fn a_catalog_that_is_cut_off_counts_for_nothing() {
    let (fixture, injector, _) = awaiting(b"some bytes");
    let catalog = fixture.catalog();
    let mut cut = injector.deliverer();
    // The whole text, and one byte more that never comes.
    cut.begin_catalog(catalog.len() + 1, &cut.catalog_proof(&catalog));
    cut.client.write(&catalog);
    cut.client.socket.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(cut.client.rest(), b"");
    assert!(injector.lines().iter().all(|line| line.starts_with("jackal awaiting ")), "{:#?}", injector.lines());
    assert_eq!(injector.deliverer().put_catalog(catalog), 201);
}

#[test]
fn a_catalog_that_is_not_proven_on_its_connection_is_403_and_counts_for_nothing() {
    let (mut fixture, injector, _) = awaiting(b"some bytes");
    let catalog = fixture.catalog();
    fixture.list(b"bytes of somebody else");
    let other = fixture.catalog();
    let connection = || injector.deliverer();
    let elsewhere = connection().catalog_proof(&other);
    let changed = connection();
    let before = changed.catalog_proof(&catalog);
    let handshake = connection();
    let passed_on = format!("Jackal-Proof: {}\r\n", handshake.proof(Matter::Deliver));
    for (mut deliverer, headers) in [(changed, before), (connection(), elsewhere), (handshake, passed_on), (connection(), String::new())] {
        assert_eq!(deliverer.put_catalog_with(&other, &headers), 403, "{headers}");
        assert_eq!(deliverer.client.rest(), b"", "the connection ends");
    }
    injector.line("refused", "reason=it is not proven to come from who knows the token");
    assert!(injector.lines().iter().all(|line| !line.starts_with("jackal listening ")), "{:#?}", injector.lines());
    assert_eq!(connection().put_catalog(&catalog), 201);
}

#[test]
fn before_the_catalog_there_is_no_blob() {
    let (fixture, injector, blob) = awaiting(b"some bytes");
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.request("HEAD", &format!("/blobs/{blob}"), "").status, 404);
    assert_eq!(deliverer.put(&blob, b"some bytes", 0, 10), (404, None));
    let answer = deliverer.request("GET", "/catalog", "");
    assert_eq!((answer.status, answer.header("Allow")), (405, Some("PUT")));
    // On the same connection.
    assert_eq!(deliverer.put_catalog(fixture.catalog()), 201);
    assert_eq!(deliverer.put(&blob, b"some bytes", 0, 10), (201, Some(10)));
}

#[test]
fn a_feed_that_began_before_the_catalog_goes_on_with_it_and_misses_nothing() {
    let bytes = noise(271, 50_000);
    let (fixture, injector, blob) = awaiting(&bytes);
    let mut feed = injector.deliverer().feed();
    assert_eq!(feed.any_line(), "alive");
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put_catalog(fixture.catalog()), 201);
    let mut client = ask(&injector, &blob);
    assert_eq!(feed.line(), format!("wanted {blob} 0"));
    assert_eq!(deliverer.put(&blob, &bytes, 0, 50_000).0, 201);
    assert!(client.response().body == bytes);
    assert_eq!(feed.line(), format!("verified {blob} 50000"));
    assert_eq!(feed.line(), format!("pulled {blob} 50000 127.0.0.1"));
}

#[test]
fn a_process_that_starts_again_goes_on_with_the_catalog_and_what_was_verified() {
    let bytes = noise(272, 100_000);
    let (mut fixture, injector, blob) = awaiting(&bytes);
    let catalog = fixture.catalog();
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put_catalog(&catalog), 201);
    assert_eq!(deliverer.put(&blob, &bytes, 0, 100_000).0, 201);
    drop(injector);
    let injector = Injector::await_catalog(&fixture, "127.0.0.1:0");
    assert!(get(injector.ready(), &path(&format!("demo/blobs/{blob}"))).body == bytes);
    assert!(injector.lines().iter().all(|line| !line.contains("awaiting")), "{:#?}", injector.lines());
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.offset(&blob), (100_000, 100_000));
    assert_eq!(deliverer.put_catalog(&catalog), 201);
    fixture.list(b"other bytes");
    assert_eq!(deliverer.put_catalog(fixture.catalog()), 409);
}

#[test]
fn a_kept_catalog_that_is_broken_is_refused_and_awaited_again() {
    let mut fixture = Fixture::new();
    let blob = fixture.list(b"some bytes");
    fs::create_dir(fixture.store()).unwrap();
    let catalog = fixture.catalog();
    fs::write(fixture.store().join("catalog"), &catalog[..catalog.len() / 2]).unwrap();
    let injector = Injector::await_catalog(&fixture, "127.0.0.1:0");
    injector.line("refused", "reason=its last line is not \"end\"");
    injector.line("awaiting", "");
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put_catalog(&catalog), 201);
    assert_eq!(deliverer.offset(&blob), (0, 10));
    assert_eq!(fs::read_to_string(fixture.store().join("catalog")).unwrap(), catalog);
}

#[test]
fn a_durable_store_is_used_again_and_ends_the_process_with_10_when_its_catalog_is_broken() {
    let mut fixture = Fixture::new();
    let bytes = noise(240, 300_000);
    let blob = fixture.list(&bytes);
    let catalog = fixture.record("repository demo").catalog();
    let serve = || {
        let mut command = Command::new(binary());
        command.args(["serve", "--durable", "--listen", "127.0.0.1:0", "--store"]).arg(fixture.store()).args(fixture.delivery());
        Injector::start(command)
    };
    let injector = serve();
    injector.line("awaiting", "");
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put_catalog(&catalog), 201);
    assert_eq!(deliverer.put(&blob, &bytes, 0, bytes.len()), (201, Some(bytes.len() as u64)));
    drop(injector);
    let injector = serve();
    assert!(get(injector.ready(), &path(&format!("demo/blobs/{blob}"))).body == bytes);
    drop(injector);
    for broken in [&catalog[..0], &catalog[..catalog.len() / 2]] {
        fs::write(fixture.store().join("catalog"), broken).unwrap();
        let (status, lines) = serve().end();
        assert_eq!(status.code(), Some(10), "{lines:#?}");
        let last = lines.last().unwrap();
        assert!(last.starts_with("jackal fatal code=catalog exit=10 message=The catalog that was kept in the store "), "{last}");
    }
}

#[test]
fn sigterm_before_the_catalog_ends_the_process_well() {
    let (_fixture, injector, _) = awaiting(b"some bytes");
    let _feed = injector.deliverer().feed();
    injector.signal("TERM");
    let (status, lines) = injector.end();
    assert_eq!(status.code(), Some(0));
    let zeros = "jackal stopped connections=0 clients=0 requests=0 refused=0 manifests=0 blobs=0 bytes=0 broken=0 ms=";
    assert!(lines.last().unwrap().starts_with(zeros), "{lines:#?}");
}
