//! One who delivers: proves that it knows the token, asks what is here, brings slices, and hears demands.

use std::net::SocketAddr;
use std::process::Command;

use jackal_injector::token::{Matter, Nonce, Token};
use jackal_injector::{digest, hex};

use crate::client::{Client, Response};
use crate::fixture::Fixture;
use crate::process::{Injector, binary, value};

pub const TOKEN: &str = "a-token-of-the-tests-0123456789abcdef";
pub const NONCE: Nonce = [7; 32];

impl Injector {
    /// Starts `serve` with a delivery port on loopback.
    pub fn serve_deliveries(fixture: &Fixture) -> Injector {
        Injector::serve_to(fixture, &fixture.delivery().each_ref().map(String::as_str))
    }

    /// The same, copying from another registry.
    pub fn serve_copies(fixture: &Fixture, from: SocketAddr) -> Injector {
        let [deliver, place, token, file] = fixture.delivery();
        Injector::serve_to(fixture, &[&deliver, &place, &token, &file, "--from", &from.to_string()])
    }

    /// Starts `serve` without a catalog, for pulls at `listen`.
    pub fn await_catalog(fixture: &Fixture, listen: &str) -> Injector {
        let mut command = Command::new(binary());
        command.arg("serve").arg("--store").arg(fixture.store()).args(["--listen", listen]).args(fixture.delivery());
        Injector::start(command)
    }

    pub fn delivery(&self) -> SocketAddr {
        value(&self.find("jackal ", " delivery="), "delivery").parse().unwrap()
    }

    /// A connection that has proven itself.
    pub fn deliverer(&self) -> Deliverer {
        let mut deliverer = Deliverer::new(self.delivery());
        let server = deliverer.hello();
        let answer = deliverer.prove(&proof(Matter::Deliver, &NONCE, &server));
        assert_eq!(answer.status, 204, "{}", answer.head);
        deliverer
    }
}

impl Fixture {
    /// The options of `serve` for deliveries on a free port, with the token's file written.
    pub fn delivery(&self) -> [String; 4] {
        let file = self.directory.join("token");
        std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
        ["--deliver", "127.0.0.1:0", "--token", file.to_str().unwrap()].map(String::from)
    }
}

pub fn proof(matter: Matter, client: &Nonce, server: &Nonce) -> String {
    hex::encode(&Token::new(TOKEN.as_bytes()).unwrap().prove(matter, client, server))
}

pub struct Deliverer {
    pub client: Client,
    /// The other side's, once it has said hello.
    server: Nonce,
}

impl Deliverer {
    pub fn new(address: SocketAddr) -> Deliverer {
        Deliverer { client: Client::new(address), server: [0; 32] }
    }

    pub fn request(&mut self, method: &str, path: &str, headers: &str) -> Response {
        self.client.write(format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n"));
        self.client.response_head()
    }

    /// Says hello and checks that the other side knows the token. Returns its nonce.
    pub fn hello(&mut self) -> Nonce {
        self.begin_hello();
        self.end_hello()
    }

    pub fn begin_hello(&mut self) {
        self.client.write(format!("GET /hello HTTP/1.1\r\nHost: x\r\nJackal-Nonce: {}\r\n\r\n", hex::encode(&NONCE)));
    }

    pub fn end_hello(&mut self) -> Nonce {
        let answer = self.client.response_head();
        assert_eq!((answer.status, answer.length()), (200, 0), "{}", answer.head);
        let server = hex::decode(answer.header("Jackal-Nonce").unwrap()).unwrap();
        assert_eq!(answer.header("Jackal-Proof").unwrap(), proof(Matter::Serve, &NONCE, &server));
        self.server = server;
        server
    }

    pub fn prove(&mut self, proof: &str) -> Response {
        self.request("GET", "/prove", &format!("Jackal-Proof: {proof}\r\n"))
    }

    /// Bytes that are here, and all bytes.
    pub fn offset(&mut self, digest: &str) -> (u64, u64) {
        let answer = self.request("HEAD", &format!("/blobs/{digest}"), "");
        assert_eq!(answer.status, 200, "{}", answer.head);
        let number = |name| answer.header(name).unwrap().parse().unwrap();
        (number("Jackal-Offset"), number("Jackal-Size"))
    }

    /// How many contents are or may be copied, and what else is missing: lines of digest and size.
    pub fn missing(&mut self) -> (usize, Vec<String>) {
        self.client.write("GET /missing HTTP/1.1\r\nHost: x\r\n\r\n");
        let answer = self.client.response();
        assert_eq!((answer.status, answer.header("Content-Type")), (200, Some("text/plain")), "{}", answer.head);
        (answer.header("Jackal-Copying").unwrap().parse().unwrap(), answer.text().lines().map(String::from).collect())
    }

    /// Begins to bring the bytes from `first` on of a content of `size` bytes, `length` of them.
    pub fn begin(&mut self, digest: &str, first: usize, length: usize, size: usize, headers: &str) {
        let range = format!("Content-Range: bytes {first}-{}/{size}\r\nContent-Length: {length}\r\n", first + length - 1);
        self.client.write(format!("PUT /blobs/{digest} HTTP/1.1\r\nHost: x\r\n{range}{headers}\r\n"));
    }

    /// The answer to a PUT: its status, and how many bytes are here.
    pub fn taken(&mut self) -> (u16, Option<u64>) {
        let answer = self.client.response_head();
        (answer.status, answer.header("Jackal-Offset").map(|offset| offset.parse().unwrap()))
    }

    /// Brings bytes `first..end` of a content.
    pub fn put(&mut self, digest: &str, bytes: &[u8], first: usize, end: usize) -> (u16, Option<u64>) {
        self.put_with(digest, bytes, first, end, "")
    }

    pub fn put_with(&mut self, digest: &str, bytes: &[u8], first: usize, end: usize, headers: &str) -> (u16, Option<u64>) {
        self.begin(digest, first, end - first, bytes.len(), headers);
        self.client.write(&bytes[first..end]);
        self.taken()
    }

    /// Brings a catalog. Returns the status of the answer.
    pub fn put_catalog(&mut self, bytes: impl AsRef<[u8]>) -> u16 {
        let proof = self.catalog_proof(&bytes);
        self.put_catalog_with(bytes, &proof)
    }

    pub fn put_catalog_with(&mut self, bytes: impl AsRef<[u8]>, headers: &str) -> u16 {
        self.begin_catalog(bytes.as_ref().len(), headers);
        self.client.write(bytes);
        let answer = self.client.response_head();
        assert_eq!(answer.length(), 0, "{}", answer.head);
        answer.status
    }

    pub fn begin_catalog(&mut self, length: usize, headers: &str) {
        self.client.write(format!("PUT /catalog HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{headers}\r\n"));
    }

    /// The header that shows that a catalog is brought by who is at this end of the connection.
    pub fn catalog_proof(&self, catalog: impl AsRef<[u8]>) -> String {
        format!("Jackal-Proof: {}\r\n", self.proof(Matter::Catalog(digest::of(catalog.as_ref()))))
    }

    pub fn proof(&self, matter: Matter) -> String {
        proof(matter, &NONCE, &self.server)
    }

    /// Turns the connection into a feed.
    pub fn feed(mut self) -> Feed {
        let answer = self.request("GET", "/demands", "");
        assert_eq!((answer.status, answer.header("Transfer-Encoding")), (200, Some("chunked")), "{}", answer.head);
        assert_eq!(answer.header("Content-Type"), Some("text/plain"));
        Feed { client: self.client, text: String::new() }
    }
}

/// The lines of a feed.
pub struct Feed {
    client: Client,
    text: String,
}

impl Feed {
    /// The next line, `alive` or not.
    pub fn any_line(&mut self) -> String {
        while !self.text.contains('\n') {
            let mut size = Vec::new();
            while !size.ends_with(b"\r\n") {
                size.extend(self.client.take(1));
            }
            let size = usize::from_str_radix(std::str::from_utf8(&size).unwrap().trim_end(), 16).unwrap();
            let chunk = self.client.take(size + 2);
            assert!(size > 0 && chunk.ends_with(b"\n\r\n"), "a chunk holds whole lines");
            self.text.push_str(std::str::from_utf8(&chunk[..size]).unwrap());
        }
        let (line, rest) = self.text.split_once('\n').unwrap();
        let (line, rest) = (line.to_string(), rest.to_string());
        self.text = rest;
        line
    }

    /// The next line that is not `alive`.
    pub fn line(&mut self) -> String {
        loop {
            let line = self.any_line();
            if line != "alive" {
                return line;
            }
        }
    }
}
