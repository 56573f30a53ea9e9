//! Ten thousand malformed requests from a seeded generator; then a pull, as if nothing had been.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use crate::client::get;
use crate::fixture::{Fixture, OCI_MANIFEST, Random, SECRET, noise, path};
use crate::process::{Injector, binary, shipped};

const REQUESTS: usize = 10_000;
/// Memory may grow by what the allocator rounds up, and no more.
const GROWTH: u64 = 512;

fn words(random: &mut Random, digest: &str) -> String {
    let words = [
        "GET ",
        "HEAD ",
        "POST ",
        "/",
        "/v2/",
        SECRET,
        "/demo",
        "/manifests/",
        "/blobs/",
        "/tags/list",
        "/referrers/",
        digest,
        "latest",
        "sha256:",
        "?n=",
        "&last=",
        "?artifactType=%",
        "%2F",
        "%00",
        "..",
        " HTTP/1.1",
        " HTTP/1.0",
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        "Host: x\r\n",
        "Range: bytes=",
        "0-",
        "-1",
        "18446744073709551615",
        ",",
        "Content-Length: ",
        "Transfer-Encoding: chunked\r\n",
        "Connection: close\r\n",
        "Expect: 100-continue\r\n",
        "\0",
        "\u{16}\u{3}\u{1}",
        ": ",
        "é",
        "=",
        " ",
        "http://",
        "*",
    ];
    (0..random.below(24)).map(|_| words[random.below(words.len())]).collect()
}

/// A request that is wrong in some way; some come out right.
fn request(random: &mut Random, digest: &str) -> Vec<u8> {
    let sound =
        format!("GET {} HTTP/1.1\r\nHost: x\r\nRange: bytes=0-{}\r\n\r\n", path(&format!("demo/blobs/{digest}")), random.below(200))
            .into_bytes();
    match random.below(5) {
        0 => noise(random.next(), random.below(2000)),
        1 => words(random, digest).into_bytes(),
        2 => [b"GET /v2/".to_vec(), words(random, digest).into_bytes(), b" HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()].concat(),
        3 => {
            let mut bytes = sound;
            for _ in 0..=random.below(4) {
                let place = random.below(bytes.len());
                bytes[place] = random.next().to_le_bytes()[0];
            }
            bytes
        }
        _ => {
            let mut bytes = sound;
            bytes.truncate(random.below(bytes.len()));
            bytes
        }
    }
}

fn send(address: SocketAddr, request: &[u8], read: bool) {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // The injector may well have closed already.
    let _ = socket.write_all(request);
    if read {
        let _ = socket.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer);
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 "),
            "{:?} got {:?}",
            String::from_utf8_lossy(request),
            String::from_utf8_lossy(&answer)
        );
    }
}

fn survive(program: std::path::PathBuf, memory: bool) {
    let mut fixture = Fixture::new();
    let bytes = noise(70, 100_000);
    let blob = fixture.blob(&bytes);
    let manifest = fixture.manifest(b"{}", OCI_MANIFEST);
    fixture.tag("demo", "latest", &manifest).write();
    let mut injector = Injector::serve_with(&fixture, Command::new(program));
    let address = injector.ready();
    let mut random = Random(20_261_123);
    let mut before = 0;
    for number in 0..REQUESTS {
        send(address, &request(&mut random, &blob), random.below(4) > 0);
        if number == REQUESTS / 10 {
            // The stacks of threads count, however many there just are.
            injector.await_few_threads();
            before = injector.memory("VmRSS:");
        }
    }
    assert!(injector.is_running(), "{:#?}", injector.lines());
    assert!(get(address, &path(&format!("demo/blobs/{blob}"))).body == bytes);
    assert_eq!(get(address, &path("demo/manifests/latest")).text(), "{}");
    injector.await_few_threads();
    let after = injector.memory("VmRSS:");
    println!("resident KiB after a tenth: {before}, after all: {after}");
    assert!(!memory || after <= before + GROWTH, "{before} KiB became {after} KiB");
}

/// With the checks of a debug build: an overflow or a bad index would end the process.
#[test]
fn ten_thousand_malformed_requests_do_no_harm() {
    survive(binary(), false);
}

#[test]
fn ten_thousand_malformed_requests_leave_the_shipped_binarys_memory_as_it_was() {
    survive(shipped(), true);
}
