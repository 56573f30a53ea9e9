//! What one who delivers is told at moments that cannot be met from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jackal_injector::catalog::Catalog;
use jackal_injector::delivery::port::Port;
use jackal_injector::digest::{self, Digest};
use jackal_injector::hex;
use jackal_injector::intake::store::{Claim, Place, Writer};
use jackal_injector::server::demands::{Demands, Line};
use jackal_injector::server::opening::Opening;
use jackal_injector::server::pull::Pull;
use jackal_injector::system;
use jackal_injector::token::{Matter, Token};

const STALL: Duration = Duration::from_secs(60);
const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A GET, and the answer to it.
fn ask(socket: &mut TcpStream, path: &str, header: &str) -> String {
    request(socket, "GET", path, header)
}

/// One request without a body, and the answer to it.
fn request(socket: &mut TcpStream, method: &str, path: &str, header: &str) -> String {
    write!(socket, "{method} {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n").unwrap();
    let mut answer = String::new();
    let mut byte = [0];
    while !answer.ends_with("\r\n\r\n") {
        socket.read_exact(&mut byte).unwrap();
        answer.push(char::from(byte[0]));
    }
    let length = header_of(&answer, "Content-Length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    socket.read_exact(&mut body).unwrap();
    answer + &String::from_utf8(body).unwrap()
}

fn header_of<'a>(answer: &'a str, name: &str) -> &'a str {
    answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

/// Both sides prove that they know the token.
fn introduce(socket: &mut TcpStream) {
    let token = Token::new(TOKEN.as_bytes()).unwrap();
    let client = [7; 32];
    let hello = ask(socket, "/hello", &format!("Jackal-Nonce: {}\r\n", hex::encode(&client)));
    let server = hex::decode(header_of(&hello, "Jackal-Nonce")).unwrap();
    let proof = hex::encode(&token.prove(Matter::Deliver, &client, &server));
    assert!(ask(socket, "/prove", &format!("Jackal-Proof: {proof}\r\n")).starts_with("HTTP/1.1 204 "));
}

/// A registry of blobs with a store of that name, and a connection to its delivery port that has proven itself.
fn registry(name: &str, contents: &[&[u8]]) -> (Arc<Opening>, Arc<Demands>, TcpStream) {
    let lines: String = contents.iter().map(|bytes| format!("blob {} {}\n", digest::of(bytes), bytes.len())).collect();
    let catalog = Catalog::parse(format!("jackal-catalog 1\nprefix {}\n{lines}repository acme/web\nend\n", "0".repeat(32)).as_bytes());
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // From a test that was run before.
    let _ = std::fs::remove_dir_all(&directory);
    let demands = Arc::new(Demands::new(false));
    let place = Place { directory, durable: false };
    let opening = Arc::new(Opening::new(place, STALL, Some(Arc::clone(&demands)), Box::new(|_| Ok(()))));
    opening.open(catalog.unwrap()).unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut socket = connect(&listener);
    let token = Token::new(TOKEN.as_bytes()).unwrap();
    let port = Arc::new(Port::new(Arc::clone(&opening), Arc::clone(&demands), token, listener).unwrap());
    // For ever, as in the registry: it ends with this process.
    thread::spawn(move || port.run());
    introduce(&mut socket);
    (opening, demands, socket)
}

/// A content that is whole is told to those who deliver before readers get its last byte, and one who has heard it and asks at once must not
/// be told to send it again.
#[test]
fn what_was_told_to_be_right_is_not_told_to_be_missing() {
    let contents: [Digest; 2] = [digest::of(b"one"), digest::of(b"two")];
    let (_opening, demands, mut socket) = registry("missing", &[b"one", b"two"]);
    let mut lines = contents.map(|content| format!("{content} 3\n"));
    lines.sort();
    assert!(ask(&mut socket, "/missing", "").ends_with(&lines.concat()));
    demands.verified(0);
    assert!(ask(&mut socket, "/missing", "").ends_with(&format!("\r\n\r\n{}", lines[1])));
}

/// Whoever hears that all bytes of a content are here sends no more of it, so nobody may hear it before the digest was right.
#[test]
fn the_last_byte_is_told_to_be_here_only_when_the_digest_was_right() {
    let (opening, _demands, mut socket) = registry("unverified", &[b"bytes"]);
    let path = format!("/blobs/{}", digest::of(b"bytes"));
    let mut told = || header_of(&request(&mut socket, "HEAD", &path, ""), "Jackal-Offset").to_string();
    let mut writer = claim(&opening, 0, 5);
    writer.write(b"byte").unwrap();
    assert_eq!(told(), "4");
    writer.write(b"s").unwrap();
    assert_eq!((told(), writer.written()), ("4".into(), 5));
    writer.finish(|| ()).unwrap().unwrap();
    assert_eq!(told(), "5");
}

/// Starts to bring a blob of so many bytes, all at once.
fn claim(opening: &Opening, place: usize, size: u64) -> Writer<'_> {
    let store = &opening.registry().unwrap().store;
    match store.claim(place, 0, size, &Arc::new(connection().0), Duration::ZERO).unwrap() {
        Claim::Granted(writer) => writer,
        _ => panic!("nobody else brings it"),
    }
}

/// Both ends of a connection.
fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = connect(&listener);
    (client, listener.accept().unwrap().0)
}

fn connect(listener: &TcpListener) -> TcpStream {
    let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    // Far beyond what any answer takes: a test that hangs shall say where.
    socket.set_read_timeout(Some(STALL)).unwrap();
    socket
}

/// One who found that it was wrong may come to tell it only when another has brought it right.
#[test]
fn what_was_told_to_be_right_is_not_told_to_be_wrong() {
    let demands = Demands::new(false);
    let feed = demands.feed(|_| false);
    demands.wrong(0);
    demands.verified(0);
    demands.wrong(0);
    demands.wrong(1);
    assert_eq!(feed.next(Duration::ZERO), [Line::Wrong(0), Line::Verified(0), Line::Wrong(1)]);
}

/// Who has all of a content may go on to what reads the log, or the feed, so it has to be told there by then.
#[test]
fn what_a_client_has_is_told_to_be_pulled() {
    let (small, large) = (vec![1; 1_000], vec![2; 500_000]);
    let (opening, demands, _) = registry("pulled", &[&small, &large]);
    let shared = opening.registry().unwrap();
    let feed = demands.feed(|_| true);
    for bytes in [&small, &large] {
        let place = shared.catalog.find(&digest::of(bytes)).unwrap();
        let mut writer = claim(&opening, place, bytes.len() as u64);
        writer.write(bytes).unwrap();
        writer.finish(|| ()).unwrap().unwrap();
        let pull = |socket: &TcpStream, client: IpAddr| {
            let size = shared.catalog.contents[place].size;
            Pull { shared, socket, client, kind: "blob", repository: "acme/web" }.run(place, 0, size, b"head".to_vec())
        };
        // Each time as one that never was there before: what is told late is not late each time.
        for number in 0..20 {
            let client = IpAddr::from([10, 0, 0, number]);
            let (mut reader, socket) = connection();
            thread::scope(|scope| {
                scope.spawn(|| pull(&socket, client).unwrap());
                reader.read_exact(&mut vec![0; bytes.len() + 4]).unwrap();
                assert_eq!(feed.next(Duration::ZERO), [Line::Pulled(place, client)]);
            });
        }
        let (left, socket) = connection();
        system::reset(left);
        assert!(pull(&socket, IpAddr::from([10, 0, 0, 100])).is_err());
        assert_eq!(feed.next(Duration::ZERO), [], "one that left has not got it");
    }
}
