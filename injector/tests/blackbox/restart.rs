//! A container that starts again finds its store and needs only the chunks that it had not taken; one that stood still goes on.

use std::fs;
use std::process::Command;
use std::time::Duration;

use jackal_injector::token::Matter;

use crate::client::{Client, get};
use crate::deliverer::{Deliverer, NONCE, proof};
use crate::fixture::{Fixture, noise, path, tar};
use crate::process::{Injector, binary, value};
use crate::punctual::{FIRST, punctually};
use crate::refusals::refuse;

#[test]
fn files_of_an_earlier_start_of_the_machine_are_used_when_they_are_right() {
    let mut fixture = Fixture::new();
    let contents = [noise(38, 400_000), noise(39, 400_000)];
    let digests = contents.each_ref().map(|bytes| fixture.list(bytes));
    fixture.record("repository demo").write_parcels(&[]);
    let injector = Injector::serve_deliveries(&fixture);
    for (digest, bytes) in digests.iter().zip(&contents) {
        assert_eq!(injector.deliverer().put(digest, bytes, 0, bytes.len()).0, 201);
    }
    drop(injector);
    // As a file system leaves it whose machine lost its power before all was on the disk.
    let [_, lost] = digests.each_ref().map(|digest| fixture.store().join(&digest[7..]));
    let torn = [&contents[1][..200_000], &[0; 200_000]].concat();
    fs::write(&lost, &torn).unwrap();
    // Each start of the machine has a number of its own.
    fs::write(fixture.store().join("boot"), "00000000-0000-4000-8000-000000000000\n").unwrap();
    let injector = Injector::serve_deliveries(&fixture);
    assert_eq!(injector.deliverer().missing(), (0, vec![format!("{} 400000", digests[1])]));
    assert!(!lost.exists());
    assert!(get(injector.address(), &path(&format!("demo/blobs/{}", digests[0]))).body == contents[0]);
    assert_eq!(injector.deliverer().put(&digests[1], &contents[1], 0, 400_000).0, 201);
    assert!(get(injector.address(), &path(&format!("demo/blobs/{}", digests[1]))).body == contents[1]);
    drop(injector);
    // Those of this one are not read: that would take its time.
    fs::write(&lost, &torn).unwrap();
    assert_eq!(Injector::serve_deliveries(&fixture).deliverer().missing(), (0, vec![]));
}

#[test]
fn verified_files_are_used_again_without_any_chunk() {
    let mut fixture = Fixture::new();
    let bytes = noise(30, 500_000);
    let blob = fixture.blob(&bytes);
    fixture.record("repository demo").write();
    drop({
        let injector = Injector::serve(&fixture);
        injector.ready();
        injector
    });
    fs::remove_dir_all(fixture.directory.join("chunks")).unwrap();
    let injector = Injector::serve(&fixture);
    assert!(get(injector.ready(), &path(&format!("demo/blobs/{blob}"))).body == bytes);
    assert_eq!(value(&injector.line("listening", ""), "missing"), "0");
}

#[test]
fn a_half_taken_parcel_goes_on_where_its_last_whole_blob_ended() {
    let mut fixture = Fixture::new();
    let contents: Vec<Vec<u8>> = (0..6).map(|seed| noise(31 + seed, 50_000)).collect();
    let digests: Vec<String> = contents.iter().map(|bytes| fixture.blob(bytes)).collect();
    fixture.record("repository demo").write_parcels(&[tar(&contents[..2]), tar(&contents[2..])]);
    // Chunks 0 and 1 are the first parcel; chunk 2 holds the third blob; chunk 4 never comes to the first process.
    let withheld = fixture.pipe(4);
    {
        let injector = Injector::serve(&fixture);
        injector.line("verified", &digests[3]);
    }
    for gone in 0..3 {
        fs::remove_file(fixture.chunk(gone)).unwrap();
    }
    fs::remove_file(fixture.chunk(4)).unwrap();
    fs::write(fixture.chunk(4), withheld).unwrap();
    // What a killed process left half-written is no harm.
    fs::write(fixture.store().join("0000.part"), "half").unwrap();
    let injector = Injector::serve(&fixture);
    let address = injector.ready();
    for (digest, bytes) in digests.iter().zip(&contents) {
        assert!(get(address, &path(&format!("demo/blobs/{digest}"))).body == *bytes);
    }
    assert!(!fixture.store().join("0000.part").exists());
}

/// Loses the first of three contents and all but a few bytes of the last, starts again, and expects all of them all the same.
fn loses_files(options: &[&str]) -> (Fixture, Injector) {
    let mut fixture = Fixture::new();
    let contents: Vec<Vec<u8>> = (0..3).map(|seed| noise(40 + seed, 50_000)).collect();
    let digests: Vec<String> = contents.iter().map(|bytes| fixture.blob(bytes)).collect();
    fixture.record("repository demo").write();
    drop({
        let injector = Injector::serve_to(&fixture, options);
        injector.ready();
        injector
    });
    fs::remove_file(fixture.store().join(&digests[0][7..])).unwrap();
    fs::write(fixture.store().join(&digests[2][7..]), "short").unwrap();
    let injector = Injector::serve_to(&fixture, options);
    let address = injector.ready();
    assert_eq!(value(&injector.line("listening", ""), "missing"), "2");
    for (digest, bytes) in digests.iter().zip(&contents) {
        assert!(get(address, &path(&format!("demo/blobs/{digest}"))).body == *bytes);
    }
    (fixture, injector)
}

#[test]
fn files_that_went_missing_or_short_come_from_the_chunks_again() {
    loses_files(&[]);
}

#[test]
fn files_that_went_missing_or_short_come_from_the_chunks_again_when_nobody_has_copies() {
    // Nothing listens at this port.
    let (_fixture, injector) = loses_files(&["--from", "127.0.0.1:1"]);
    assert!(injector.lines().iter().all(|line| !line.contains(" unavailable ")), "{:#?}", injector.lines());
}

#[test]
fn chunks_that_are_gone_end_reading_them_again_and_stay_unneeded() {
    let mut fixture = Fixture::new();
    let contents: Vec<Vec<u8>> = (0..3).map(|seed| noise(43 + seed, 100_000)).collect();
    let digests: Vec<String> = contents.iter().map(|bytes| fixture.blob(bytes)).collect();
    fixture.record("repository demo").write();
    let serve = || {
        let injector = Injector::serve_to(&fixture, &["--from", "127.0.0.1:1"]);
        injector.ready();
        injector
    };
    drop(serve());
    let position = fs::read(fixture.store().join("position")).unwrap();
    for lost in [&digests[0], &digests[2]] {
        fs::remove_file(fixture.store().join(&lost[7..])).unwrap();
    }
    fs::remove_file(fixture.chunk(3)).unwrap();
    let injector = serve();
    assert!(get(injector.address(), &path(&format!("demo/blobs/{}", digests[0]))).body == contents[0]);
    assert_eq!(injector.line("unavailable", ""), format!("jackal unavailable digest={}", digests[2]));
    assert_eq!(fs::read(fixture.store().join("position")).unwrap(), position);
}

#[test]
fn the_position_of_another_catalog_counts_for_nothing() {
    let mut fixture = Fixture::new();
    fixture.blob(&noise(50, 50_000));
    fixture.record("repository demo").write();
    drop({
        let injector = Injector::serve(&fixture);
        injector.ready();
        injector
    });
    let mut other = Fixture::new();
    let bytes = noise(51, 50_000);
    let blob = other.blob(&bytes);
    other.record("repository demo").write();
    fs::rename(fixture.store(), other.store()).unwrap();
    let injector = Injector::serve(&other);
    assert!(get(injector.ready(), &path(&format!("demo/blobs/{blob}"))).body == bytes);
}

#[test]
fn a_durable_store_needs_no_file_system_that_syncs_directories_but_tells_of_a_disk_that_fails() {
    let bytes = noise(52, 50_000);
    let serve = |error: libc::c_int| {
        let mut fixture = Fixture::new();
        let blob = fixture.blob(&bytes);
        fixture.record("repository demo").write();
        let mut command = Command::new(binary());
        // Files are synced by another call, fdatasync.
        refuse(&mut command, libc::SYS_fsync, None, error);
        let injector = Injector::launch(&fixture, command, "127.0.0.1:0", &["--durable"]);
        (fixture, injector, blob)
    };
    for error in [libc::EINVAL, libc::EBADF, libc::ENOSYS, libc::EOPNOTSUPP] {
        let (_fixture, injector, blob) = serve(error);
        assert!(get(injector.ready(), &path(&format!("demo/blobs/{blob}"))).body == bytes, "{error}");
    }
    let (_fixture, injector, blob) = serve(libc::EIO);
    let (status, lines) = injector.end();
    assert_eq!(status.code(), Some(15));
    assert!(lines.last().unwrap().contains(&format!("cannot take {blob}: Input/output error")), "{lines:#?}");
}

#[test]
fn what_came_while_the_registry_stood_still_came_in_time() {
    let mut fixture = Fixture::new();
    fixture.record("repository demo").write_parcels(&[]);
    // A request may take as long to come to its end, and who delivers to prove what it knows.
    punctually(FIRST, |steps| {
        let injector = Injector::serve_deliveries(&fixture);
        injector.ready();
        steps.begin();
        let (mut silent, mut slow) = (Client::new(injector.address()), Client::new(injector.address()));
        let mut deliverer = Deliverer::new(injector.delivery());
        slow.write("GET /v2/ HTTP/1.1\r\n");
        injector.await_rest();
        injector.stop();
        steps.step();
        silent.write("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n");
        slow.write("Host: x\r\n\r\n");
        deliverer.begin_hello();
        std::thread::sleep(FIRST + Duration::from_millis(500));
        steps.begin();
        injector.signal("CONT");
        assert_eq!([silent.response().status, slow.response().status], [200, 200]);
        let server = deliverer.end_hello();
        assert_eq!(deliverer.prove(&proof(Matter::Deliver, &NONCE, &server)).status, 204);
    });
}
