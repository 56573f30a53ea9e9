//! A client that shows every byte: requests are written as they are, answers are read as they come.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// The head as it came, status line and blank line included.
    pub head: String,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
    }

    pub fn length(&self) -> usize {
        self.header("Content-Length").expect("an answer has a length").parse().unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The code of an OCI error body.
    pub fn code(&self) -> String {
        let text = self.text();
        let rest = text.strip_prefix("{\"errors\":[{\"code\":\"").unwrap_or_else(|| panic!("no OCI error: {text}"));
        rest.split('"').next().unwrap().to_string()
    }
}

pub struct Client {
    pub socket: TcpStream,
    unread: Vec<u8>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Client {
        let socket = TcpStream::connect(address).unwrap();
        // Far beyond what any answer takes: a test that hangs shall say where.
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        socket.set_nodelay(true).unwrap();
        Client { socket, unread: Vec::new() }
    }

    pub fn write(&mut self, bytes: impl AsRef<[u8]>) -> &mut Client {
        self.socket.write_all(bytes.as_ref()).unwrap();
        self
    }

    pub fn get(&mut self, target: &str) -> Response {
        self.write(format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n")).response()
    }

    pub fn get_with(&mut self, target: &str, headers: &str) -> Response {
        self.write(format!("GET {target} HTTP/1.1\r\nHost: test\r\n{headers}\r\n")).response()
    }

    pub fn head(&mut self, target: &str) -> Response {
        self.write(format!("HEAD {target} HTTP/1.1\r\nHost: test\r\n\r\n"));
        self.response_head()
    }

    /// Reads one answer with its body.
    pub fn response(&mut self) -> Response {
        let mut response = self.response_head();
        let length = response.length();
        response.body = self.take(length);
        response
    }

    /// Reads one answer's head; its body, if any, stays unread.
    pub fn response_head(&mut self) -> Response {
        let end = loop {
            if let Some(place) = self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                break place + 4;
            }
            let have = self.unread.len();
            self.fill(have + 1);
        };
        let head = String::from_utf8(self.unread.drain(..end).collect()).unwrap();
        let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or_else(|| panic!("no answer: {head}"));
        Response { status: status.parse().unwrap(), head, body: Vec::new() }
    }

    /// Reads until at least `length` bytes are at hand.
    pub fn fill(&mut self, length: usize) {
        let mut piece = vec![0; 64 << 10];
        while self.unread.len() < length {
            let count = loop {
                match self.socket.read(&mut piece) {
                    Ok(count) => break count,
                    // The kernel ends a timed read early when the machine is stopped for a moment.
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) => panic!("{error} after {} of {length} bytes", self.unread.len()),
                }
            };
            assert!(count > 0, "closed after {} of {length} bytes: {:?}", self.unread.len(), String::from_utf8_lossy(&self.unread));
            self.unread.extend_from_slice(&piece[..count]);
        }
    }

    pub fn take(&mut self, length: usize) -> Vec<u8> {
        self.fill(length);
        let behind = self.unread.split_off(length);
        std::mem::replace(&mut self.unread, behind)
    }

    /// Reads to the end of the connection. A reset counts as an end.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = std::mem::take(&mut self.unread);
        let mut piece = vec![0; 64 << 10];
        loop {
            match self.socket.read(&mut piece) {
                Ok(0) => return rest,
                Ok(count) => rest.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return rest,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// One request on a connection of its own.
pub fn get(address: SocketAddr, target: &str) -> Response {
    Client::new(address).get(target)
}
