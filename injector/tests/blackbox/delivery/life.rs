//! Beginning and end: parcels beside deliveries, restarts, a full store, SIGTERM.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::time::Instant;

use jackal_injector::system::reserve;

use super::{ask, started};
use crate::client::get;
use crate::fixture::{Fixture, SECRET, noise, path, tar};
use crate::process::{Injector, value};

#[test]
fn ready_means_that_nothing_on_the_mounts_is_needed_any_more() {
    let mut fixture = Fixture::new();
    let (carried, delivered) = (noise(250, 100_000), noise(251, 100_000));
    let (first, second) = (fixture.blob(&carried), fixture.list(&delivered));
    fixture.record("repository demo").write();
    let injector = Injector::serve_deliveries(&fixture);
    let address = injector.ready();
    assert_eq!(get(address, &format!("/{SECRET}/readyz")).status, 200);
    assert!(get(address, &path(&format!("demo/blobs/{first}"))).body == carried);
    let mut client = ask(&injector, &second);
    assert_eq!(injector.deliverer().put(&second, &delivered, 0, 100_000), (201, Some(100_000)));
    assert!(client.response().body == delivered);
}

#[test]
fn what_was_verified_and_what_was_half_here_outlive_the_process() {
    let (whole, half) = (noise(252, 100_000), noise(253, 100_000));
    let (fixture, injector, blobs) = started(&[&whole, &half]);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put(&blobs[0], &whole, 0, 100_000).0, 201);
    assert_eq!(deliverer.put(&blobs[1], &half, 0, 50_000), (200, Some(50_000)));
    drop(injector);
    let injector = Injector::serve_deliveries(&fixture);
    assert_eq!(value(&injector.line("listening", ""), "missing"), "1");
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.offset(&blobs[0]), (100_000, 100_000));
    assert_eq!(deliverer.offset(&blobs[1]), (50_000, 100_000));
    assert_eq!(deliverer.put(&blobs[1], &half, 50_000, 100_000), (201, Some(100_000)));
    assert!(get(injector.address(), &path(&format!("demo/blobs/{}", blobs[1]))).body == half);
}

#[test]
fn the_room_of_a_content_is_taken_with_its_first_byte_and_it_is_never_more() {
    let bytes = noise(268, 3_000_000);
    let (fixture, injector, blobs) = started(&[&bytes]);
    if reserve(&File::create(fixture.directory.join("file")).unwrap(), 1).is_err() {
        return eprintln!("SKIPPED: the file system of {} reserves nothing", fixture.directory.display());
    }
    let name = &blobs[0]["sha256:".len()..];
    // The same is what a kubelet measures: blocks of 512 bytes.
    let takes_its_size = |name: &str| {
        let taken = fs::metadata(fixture.store().join(name)).unwrap().blocks() * 512;
        assert!((3_000_000..3_000_000 + (64 << 10)).contains(&taken), "{taken}");
    };
    let part = format!("{name}.part");
    assert_eq!(injector.deliverer().put(&blobs[0], &bytes, 0, 1), (200, Some(1)));
    takes_its_size(&part);
    assert_eq!(injector.deliverer().put(&blobs[0], &bytes, 1, 2_500_000), (200, Some(2_500_000)));
    takes_its_size(&part);
    drop(injector);
    let injector = Injector::serve_deliveries(&fixture);
    assert_eq!(injector.deliverer().offset(&blobs[0]), (2_500_000, 3_000_000));
    takes_its_size(&part);
    assert_eq!(injector.deliverer().put(&blobs[0], &bytes, 2_500_000, 3_000_000), (201, Some(3_000_000)));
    takes_its_size(name);
    assert!(get(injector.address(), &path(&format!("demo/blobs/{}", blobs[0]))).body == bytes);
}

#[test]
fn what_is_half_here_and_wrong_is_found_at_the_end_and_dropped() {
    let bytes = noise(261, 100_000);
    let (fixture, injector, blobs) = started(&[&bytes]);
    drop(injector);
    fs::write(fixture.store().join(format!("{}.part", &blobs[0][7..])), noise(262, 50_000)).unwrap();
    let injector = Injector::serve_deliveries(&fixture);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put(&blobs[0], &bytes, 50_000, 100_000), (422, Some(0)));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 100_000), (201, Some(100_000)));
}

#[test]
fn what_came_whole_and_was_not_verified_is_so_after_a_restart_and_else_begins_anew() {
    let (right, wrong, long) = (noise(263, 100_000), noise(264, 100_000), noise(265, 100_000));
    let (fixture, injector, blobs) = started(&[&right, &wrong, &long]);
    drop(injector);
    let part = |blob: &str| fixture.store().join(format!("{}.part", &blob[7..]));
    fs::write(part(&blobs[0]), &right).unwrap();
    fs::write(part(&blobs[1]), noise(266, 100_000)).unwrap();
    fs::write(part(&blobs[2]), [&long[..], b"more"].concat()).unwrap();
    let injector = Injector::serve_deliveries(&fixture);
    assert_eq!(value(&injector.line("listening", ""), "missing"), "2");
    let mut deliverer = injector.deliverer();
    assert_eq!([0, 1, 2].map(|place| deliverer.offset(&blobs[place]).0), [100_000, 0, 0]);
    assert!(blobs.iter().all(|blob| !part(blob).exists()));
    assert!(get(injector.address(), &path(&format!("demo/blobs/{}", blobs[0]))).body == right);
}

#[test]
fn a_restart_does_not_ask_for_chunks_that_were_taken() {
    let mut fixture = Fixture::new();
    let carried = noise(254, 100_000);
    let first = fixture.blob(&carried);
    fixture.list(b"never delivered");
    fixture.record("repository demo").write();
    drop({
        let injector = Injector::serve_deliveries(&fixture);
        injector.ready();
        injector
    });
    fs::remove_dir_all(fixture.directory.join("chunks")).unwrap();
    let injector = Injector::serve_deliveries(&fixture);
    assert!(get(injector.ready(), &path(&format!("demo/blobs/{first}"))).body == carried);
}

#[test]
fn a_parcel_takes_over_what_was_delivered_in_part() {
    let mut fixture = Fixture::new();
    let bytes = noise(255, 200_000);
    let blob = fixture.list(&bytes);
    fixture.record("repository demo").write_parcels(&[tar([&bytes])]);
    let first = fixture.pipe(0);
    let injector = Injector::serve_deliveries(&fixture);
    let mut deliverer = injector.deliverer();
    deliverer.begin(&blob, 0, bytes.len(), bytes.len(), "");
    deliverer.client.write(&bytes[..60_000]);
    let mut other = injector.deliverer();
    while other.offset(&blob).0 < 60_000 {}
    OpenOptions::new().write(true).open(fixture.chunk(0)).unwrap().write_all(&first).unwrap();
    assert!(get(injector.ready(), &path(&format!("demo/blobs/{blob}"))).body == bytes);
    assert_eq!(deliverer.client.rest(), b"");
    assert_eq!(other.put(&blob, &bytes, 0, 200_000), (201, Some(200_000)));
}

#[test]
fn what_a_parcel_brings_right_now_is_not_taken_from_it() {
    let mut fixture = Fixture::new();
    let bytes = noise(256, 100_000);
    let blob = fixture.list(&bytes);
    fixture.record("repository demo").write_parcels(&[tar([&bytes])]);
    let last = fixture.pipe(1);
    let injector = Injector::serve_deliveries(&fixture);
    let here = (64 << 10) - 512;
    let mut deliverer = injector.deliverer();
    while deliverer.offset(&blob).0 < here {}
    assert_eq!(deliverer.put(&blob, &bytes, 50_000, 100_000), (409, Some(here)));
    deliverer.begin(&blob, 50_000, 50_000, 100_000, "Prefer: wait=60\r\n");
    OpenOptions::new().write(true).open(fixture.chunk(1)).unwrap().write_all(&last).unwrap();
    injector.ready();
    deliverer.client.write(&bytes[50_000..]);
    assert_eq!(deliverer.taken(), (201, Some(100_000)));
}

#[test]
fn without_the_option_nothing_may_be_missing_and_nobody_can_deliver() {
    let mut fixture = Fixture::new();
    fixture.list(b"some bytes");
    fixture.record("repository demo").write_parcels(&[]);
    let injector = Injector::serve(&fixture);
    assert!(!injector.line("listening", "").contains("delivery="));
    assert_eq!(injector.end().0.code(), Some(14));
}

#[test]
fn an_unusable_token_is_2_and_is_not_told() {
    let mut fixture = Fixture::new();
    fixture.blob(b"some bytes");
    fixture.record("repository demo").write();
    let options = fixture.delivery();
    for token in ["too-short", &"x".repeat(257), &format!("with a space {}", "x".repeat(40)), ""] {
        fs::write(&options[3], token).unwrap();
        let (status, lines) = Injector::serve_to(&fixture, &options.each_ref().map(String::as_str)).end();
        assert_eq!(status.code(), Some(2), "{token}");
        let last = lines.last().unwrap();
        assert!(last.contains("is not 32 to 256 visible ASCII bytes") && (token.is_empty() || !last.contains(token)), "{last}");
    }
    let alone = Injector::serve_to(&fixture, &["--deliver", "127.0.0.1:0"]).end();
    assert_eq!(alone.0.code(), Some(2));
    assert!(alone.1[0].contains("--deliver and --token go together"), "{:?}", alone.1);
}

#[test]
fn a_store_that_is_full_ends_the_process_with_15() {
    let mut fixture = Fixture::new();
    let bytes = noise(257, 3_000_000);
    let blob = fixture.list(&bytes);
    fixture.record("repository demo").write_parcels(&[]);
    if !fixture.small_store() {
        return;
    }
    let injector = Injector::serve_deliveries(&fixture);
    let mut deliverer = injector.deliverer();
    deliverer.begin(&blob, 0, bytes.len(), bytes.len(), "");
    // The process may be gone before all is written.
    let _ = deliverer.client.socket.write_all(&bytes);
    let (status, lines) = injector.end();
    assert_eq!(status.code(), Some(15));
    let last = lines.last().unwrap();
    assert!(last.contains("is full while writing") && last.contains(&blob) && last.contains("ephemeral storage"), "{last}");
}

#[test]
fn sigterm_ends_deliveries_and_the_process_soon() {
    let bytes = noise(258, 200_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut feed = injector.deliverer().feed();
    let mut client = ask(&injector, &blobs[0]);
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[0]));
    let mut deliverer = injector.deliverer();
    deliverer.begin(&blobs[0], 0, bytes.len(), bytes.len(), "");
    deliverer.client.write(&bytes[..100_000]);
    client.response_head();
    client.take(100_000);
    let started = Instant::now();
    injector.signal("TERM");
    let (status, lines) = injector.end();
    assert_eq!(status.code(), Some(0));
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    assert!(lines.last().unwrap().starts_with("jackal stopped "), "{lines:#?}");
    assert_eq!(deliverer.client.rest(), b"");
}
