//! The other side of copying, as a test wants it to behave: a server that answers each request as it is told.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::fixture::{hex, path};

/// What the server does with the connection when a request is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    GoOn,
    Close,
}

/// Answers a GET for a content: from the request's head, the content, and its socket.
pub type Answer = dyn Fn(&str, &[u8], &mut TcpStream) -> Then + Send + Sync;

/// A registry that knows the repository `demo`, answers HEAD at once, and GET as the test says.
pub struct Other {
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

impl Other {
    pub fn start(contents: &[&[u8]], answer: impl Fn(&str, &[u8], &mut TcpStream) -> Then + Send + Sync + 'static) -> Other {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let contents: Arc<HashMap<String, Vec<u8>>> = Arc::new(contents.iter().map(|bytes| (hex(bytes), bytes.to_vec())).collect());
        let (seen, answer): (Arc<Seen>, Arc<Answer>) = (Arc::default(), Arc::new(answer));
        let other = Other { address, seen: Arc::clone(&seen) };
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let (contents, answer, seen) = (Arc::clone(&contents), Arc::clone(&answer), Arc::clone(&seen));
                std::thread::spawn(move || serve(socket, &contents, &*answer, &seen));
            }
        });
        other
    }

    /// The first lines of requests that start so, without their version, below `/v2/<secret>/`, once there are that many.
    pub fn await_requests(&self, start: &str, count: usize) -> Vec<String> {
        let enough = |heads: &mut Vec<String>| heads.iter().filter(|head| head.starts_with(start)).count() >= count;
        let heads = self.seen.heads.lock().unwrap();
        let (heads, late) = self.seen.news.wait_timeout_while(heads, Duration::from_secs(60), |heads| !enough(heads)).unwrap();
        assert!(!late.timed_out(), "no {count} requests {start:?}: {heads:#?}");
        let chosen = heads.iter().filter(|head| head.starts_with(start));
        chosen.map(|head| head.split(" HTTP/1.1\r\n").next().unwrap().replace(&path(""), "")).collect()
    }
}

/// The heads of requests.
#[derive(Default)]
struct Seen {
    heads: Mutex<Vec<String>>,
    news: Condvar,
}

fn serve(mut socket: TcpStream, contents: &HashMap<String, Vec<u8>>, answer: &Answer, seen: &Seen) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            match socket.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                _ => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        seen.heads.lock().unwrap().push(head.clone());
        seen.news.notify_all();
        let target = head.split(' ').nth(1).unwrap();
        let content = target.rsplit_once(":").and_then(|(_, hex)| contents.get(hex));
        let written = match content {
            _ if !target.starts_with(&path("demo/")) => socket.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
            _ if target.ends_with("/tags/list") => socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"),
            None => socket.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
            Some(bytes) if head.starts_with("HEAD ") => socket.write_all(whole(bytes.len()).as_bytes()),
            Some(bytes) => match answer(&head, bytes, &mut socket) {
                Then::GoOn => Ok(()),
                Then::Close => return,
            },
        };
        if written.is_err() {
            return;
        }
    }
}

/// The head of an answer with the whole of a content.
pub fn whole(length: usize) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n")
}

/// Sends a content as it should be, from where the request's Range begins.
pub fn send(head: &str, bytes: &[u8], socket: &mut TcpStream) -> Then {
    let first = head.split("Range: bytes=").nth(1).map_or(0, |rest| rest.split('-').next().unwrap().parse().unwrap());
    let mut answer = whole(bytes.len());
    if first > 0 {
        let (left, last) = (bytes.len() - first, bytes.len() - 1);
        let size = bytes.len();
        answer = format!("HTTP/1.1 206 Partial Content\r\nContent-Length: {left}\r\nContent-Range: bytes {first}-{last}/{size}\r\n\r\n");
    }
    match socket.write_all(answer.as_bytes()).and_then(|()| socket.write_all(&bytes[first..])) {
        Ok(()) => Then::GoOn,
        Err(_) => Then::Close,
    }
}
