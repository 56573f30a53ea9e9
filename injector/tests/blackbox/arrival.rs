//! Contents that are still on their way. A chunk file that is a pipe lets the test decide when its bytes come.

use std::fs::{File, OpenOptions, read_to_string};
use std::io::Write;
use std::net::Shutdown;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::client::{Client, get};
use crate::fixture::{Fixture, OCI_MANIFEST, SECRET, noise, path};
use crate::process::{Injector, binary, value};
use crate::punctual::{DRAIN, punctually};

/// Opens a pipe for writing: waits until the injector reads it.
fn open(fixture: &Fixture, number: usize) -> std::fs::File {
    OpenOptions::new().write(true).open(fixture.chunk(number)).unwrap()
}

#[test]
fn the_first_blob_is_served_before_the_last_chunk_is_read() {
    let mut fixture = Fixture::new();
    let (early, late) = (noise(20, 100_000), noise(21, 100_000));
    let (first, last) = (fixture.blob(&early), fixture.blob(&late));
    fixture.record("repository demo").write();
    let bytes = fixture.pipe(3);
    let injector = Injector::serve(&fixture);
    let address = injector.address();
    assert!(get(address, &path(&format!("demo/blobs/{first}"))).body == early);
    open(&fixture, 3).write_all(&bytes).unwrap();
    assert!(get(address, &path(&format!("demo/blobs/{last}"))).body == late);
    injector.ready();
}

#[test]
fn who_hears_that_all_is_ready_finds_it_in_the_log() {
    // What is told late is not late each time.
    for _ in 0..20 {
        let (fixture, bytes) = arriving();
        let log = fixture.directory.join("log");
        let mut command = Command::new(binary());
        command.arg("serve").arg("--catalog").arg(fixture.directory.join("catalog")).arg("--chunks").arg(fixture.directory.join("chunks"));
        command.arg("--store").arg(fixture.store()).args(["--listen", "127.0.0.1:0"]).stdout(File::create(&log).unwrap());
        let mut injector = command.spawn().unwrap();
        let lines = || read_to_string(&log).unwrap();
        open(&fixture, 0).write_all(&bytes).unwrap();
        let address = value(&lines(), "address").parse().unwrap();
        let ready = get(address, &format!("/{SECRET}/readyz"));
        let told = lines();
        injector.kill().unwrap();
        injector.wait().unwrap();
        assert!(ready.status == 200 && told.contains("\njackal ready contents=1 "), "{told}");
    }
}

/// How long the question whether all is verified is held. The kubelet gives up after 10 s.
const PATIENCE: Duration = Duration::from_secs(4);

/// A run with a blob that is still on its way: its fixture, and the bytes of its chunk.
fn arriving() -> (Fixture, Vec<u8>) {
    let mut fixture = Fixture::new();
    fixture.blob(&noise(23, 1000));
    fixture.record("repository demo").write();
    let bytes = fixture.pipe(0);
    (fixture, bytes)
}

#[test]
fn whether_all_is_verified_is_answered_after_a_while() {
    let (fixture, _) = arriving();
    let injector = Injector::serve(&fixture);
    let asked = Instant::now();
    let early = get(injector.address(), &format!("/{SECRET}/readyz"));
    assert_eq!((early.status, early.text().as_str()), (503, "loading\n"));
    assert!((3..50).contains(&asked.elapsed().as_secs()), "{:?}", asked.elapsed());
}

#[test]
fn or_as_soon_as_it_is() {
    punctually(PATIENCE, |steps| {
        let (fixture, bytes) = arriving();
        let injector = Injector::serve(&fixture);
        let readiness = format!("/{SECRET}/readyz");
        let mut held = Client::new(injector.address());
        let asked = Instant::now();
        steps.begin();
        held.write(format!("GET {readiness} HTTP/1.1\r\nHost: x\r\n\r\n"));
        open(&fixture, 0).write_all(&bytes).unwrap();
        assert_eq!(held.response().status, 200);
        assert!(asked.elapsed() < PATIENCE, "{:?}", asked.elapsed());
        injector.ready();
        assert_eq!(get(injector.address(), &readiness).status, 200);
    });
}

#[test]
fn a_blob_that_is_arriving_is_sent_as_its_bytes_come() {
    let mut fixture = Fixture::new();
    let bytes = noise(22, 200_000);
    let blob = fixture.blob(&bytes);
    fixture.record("repository demo").write();
    let (second, third) = (fixture.pipe(1), fixture.pipe(2));
    let injector = Injector::serve(&fixture);
    let target = path(&format!("demo/blobs/{blob}"));
    // What is known can be said at once: HEAD waits for nothing.
    assert_eq!(Client::new(injector.address()).head(&target).length(), bytes.len());
    let mut client = Client::new(injector.address());
    client.write(format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"));
    let mut part = Client::new(injector.address());
    part.write(format!("GET {target} HTTP/1.1\r\nHost: x\r\nRange: bytes=150000-\r\n\r\n"));
    assert_eq!(client.response_head().length(), bytes.len());
    let in_first = (64 << 10) - 512;
    assert!(client.take(in_first) == bytes[..in_first]);
    let line = injector.line("held", "");
    assert!(line.contains(&format!("kind=blob repository=demo digest={blob} client=127.0.0.1")), "{line}");
    open(&fixture, 1).write_all(&second).unwrap();
    assert!(client.take(64 << 10) == bytes[in_first..in_first + (64 << 10)]);
    open(&fixture, 2).write_all(&third).unwrap();
    assert!(client.take(bytes.len() - in_first - (64 << 10)) == bytes[in_first + (64 << 10)..]);
    assert!(part.response().body == bytes[150_000..]);
    assert_eq!(client.get("/v2/").status, 200);
}

#[test]
fn a_manifest_is_held_until_it_is_verified() {
    // A client that has said all it has to say is held just as well, but for 15 s only.
    punctually(Duration::from_secs(15), |steps| {
        let mut fixture = Fixture::new();
        fixture.blob(&noise(23, 70_000));
        let digest = fixture.manifest(b"{\"held\":true}", OCI_MANIFEST);
        fixture.tag("demo", "latest", &digest).write();
        let bytes = fixture.pipe(1);
        let injector = Injector::serve(&fixture);
        let mut client = Client::new(injector.address());
        steps.begin();
        client.write(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path("demo/manifests/latest")));
        client.socket.shutdown(Shutdown::Write).unwrap();
        injector.line("held", "kind=manifest");
        open(&fixture, 1).write_all(&bytes).unwrap();
        assert_eq!(client.response().text(), "{\"held\":true}");
    });
}

#[test]
fn nobody_ever_gets_the_whole_of_a_wrong_blob() {
    let mut fixture = Fixture::new();
    let right = noise(24, 200_000);
    let mut wrong = right.clone();
    wrong[150_000] ^= 1;
    let blob = fixture.blob(&right);
    fixture.record("repository demo");
    // Chunks that are what the catalog says, of a tar whose blob is not.
    let mut tar = crate::fixture::tar([&right]);
    tar[512..512 + wrong.len()].copy_from_slice(&wrong);
    fixture.write_parcels(&[tar]);
    let last = fixture.pipe(3);
    let injector = Injector::serve(&fixture);
    let mut client = Client::new(injector.address());
    client.write(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path(&format!("demo/blobs/{blob}"))));
    client.response_head();
    open(&fixture, 3).write_all(&last).unwrap();
    let got = client.rest();
    assert!(got.len() < wrong.len(), "{} bytes", got.len());
    let (status, lines) = injector.end();
    assert_eq!(status.code(), Some(14));
    let last = lines.last().unwrap();
    assert!(last.starts_with("jackal fatal code=blob-wrong exit=14 message=Blob sha256:"), "{last}");
    assert!(last.contains(&format!("expected {blob}, found sha256:{}", crate::fixture::hex(&wrong))), "{last}");
}

#[test]
fn sigterm_ends_held_answers_and_the_process_soon() {
    punctually(DRAIN, |steps| {
        let mut fixture = Fixture::new();
        let blob = fixture.blob(&noise(25, 200_000));
        let digest = fixture.manifest(b"{}", OCI_MANIFEST);
        fixture.tag("demo", "latest", &digest).write();
        fixture.pipe(1);
        let injector = Injector::serve(&fixture);
        let mut clients = [Client::new(injector.address()), Client::new(injector.address())];
        clients[0].write(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path(&format!("demo/blobs/{blob}"))));
        clients[1].write(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path("demo/manifests/latest")));
        injector.line("held", "kind=blob");
        injector.line("held", "kind=manifest");
        let started = Instant::now();
        // Answers that have not ended when the drain is over are not told of.
        steps.begin();
        injector.signal("TERM");
        let (status, lines) = injector.end();
        assert_eq!(status.code(), Some(0));
        assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
        assert!(lines.last().unwrap().starts_with("jackal stopped "), "{lines:#?}");
        assert!(lines.last().unwrap().contains(" broken=2 "), "{lines:#?}");
    });
}
