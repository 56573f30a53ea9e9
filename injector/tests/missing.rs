//! What one who delivers is told to be missing, at a moment that cannot be met from outside.
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
use jackal_injector::intake::store::Place;
use jackal_injector::server::demands::Demands;
use jackal_injector::server::opening::Opening;
use jackal_injector::token::{Matter, Token};

const STALL: Duration = Duration::from_secs(60);
const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// One request without a body, and the answer to it.
fn ask(socket: &mut TcpStream, path: &str, header: &str) -> String {
    write!(socket, "GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\n").unwrap();
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

/// A content that is whole is told to those who deliver before readers get its last byte, and one who has heard it and asks at once must not
/// be told to send it again.
#[test]
fn what_was_told_to_be_right_is_not_told_to_be_missing() {
    let contents: [Digest; 2] = [digest::of(b"one"), digest::of(b"other")];
    let lines = contents.map(|content| format!("blob {content} 3\n")).concat();
    let catalog = Catalog::parse(format!("jackal-catalog 1\nprefix {}\n{lines}repository acme/web\nend\n", "0".repeat(32)).as_bytes());
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("missing");
    let demands = Arc::new(Demands::new(false));
    let place = Place { directory, durable: false };
    let opening = Opening::new(place, STALL, Some(Arc::clone(&demands)), Box::new(|_| Ok(())));
    opening.open(catalog.unwrap()).unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let token = Token::new(TOKEN.as_bytes()).unwrap();
    let port = Arc::new(Port::new(Arc::new(opening), Arc::clone(&demands), token, listener).unwrap());
    // For ever, as in the registry: it ends with this process.
    thread::spawn(move || port.run());
    introduce(&mut socket);
    assert!(ask(&mut socket, "/missing", "").ends_with(&contents.map(|content| format!("{content} 3\n")).concat()));
    demands.verified(0);
    assert!(ask(&mut socket, "/missing", "").ends_with(&format!("\r\n\r\n{} 3\n", contents[1])));
}
