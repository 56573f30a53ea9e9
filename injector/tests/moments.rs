//! What one who delivers is told at moments that cannot be met from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jackal_injector::catalog::Catalog;
use jackal_injector::delivery::port::Port;
use jackal_injector::digest::{self, Digest};
use jackal_injector::hex;
use jackal_injector::intake::store::{Claim, Place};
use jackal_injector::server::demands::Demands;
use jackal_injector::server::opening::Opening;
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
    let mut socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
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
    let store = &opening.registry().unwrap().store;
    let author = Arc::new(TcpStream::connect(TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()).unwrap());
    let Claim::Granted(mut writer) = store.claim(0, 0, 5, &author, Duration::ZERO).unwrap() else { panic!("it is free") };
    writer.write(b"byte").unwrap();
    assert_eq!(told(), "4");
    writer.write(b"s").unwrap();
    assert_eq!((told(), writer.written()), ("4".into(), 5));
    writer.finish(|| ()).unwrap().unwrap();
    assert_eq!(told(), "5");
}
