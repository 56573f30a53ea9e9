//! One client: requests in, answers out, until one side has had enough.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::delivery::Delivery;
use crate::http::head::{self, Body as RequestBody, Head, LONGEST_HEAD, Method, Refusal};
use crate::http::response::{Answer, Body, Status};
use crate::ledger::count;
use crate::registry;
use crate::shared::Shared;

/// How long a thread waits for more of its connection before it gives the connection back: clients that go on do so at once.
const GAP: Duration = Duration::from_millis(100);
/// How long the request of a refused connection is waited for.
const REFUSED: Duration = Duration::from_secs(5);
/// How long a head may take from its first byte on.
const HEAD: Duration = Duration::from_secs(10);
/// How long the rest of a refused request is thrown away, so that the client gets the answer and not a reset.
const LINGER: Duration = Duration::from_secs(2);
/// Longest request body that is read past; no request here needs one.
const LONGEST_BODY: u64 = 64 << 10;
/// Bytes read at a time, and the buffer that an idle connection keeps.
const PIECE: usize = 4 << 10;

/// How it goes on with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits for the client.
    Idle,
    Ended,
}

pub struct Connection<'run> {
    shared: &'run Shared,
    socket: &'run TcpStream,
    client: IpAddr,
    /// Bytes that were read and not yet used.
    buffer: Vec<u8>,
    /// The socket's read timeout.
    patience: Duration,
    answered: bool,
}

/// What a wait for a request came to.
enum Heard {
    Head(usize),
    Refuse(Answer),
    /// Nothing came in time.
    Silence,
    Ended,
}

impl<'run> Connection<'run> {
    /// Prepares a socket. Fails when the client has left.
    pub fn new(shared: &'run Shared, socket: &'run TcpStream, answered: bool) -> io::Result<Connection<'run>> {
        let client = socket.peer_addr()?.ip().to_canonical();
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(shared.stall))?;
        Ok(Connection { shared, socket, client, buffer: Vec::new(), patience: Duration::ZERO, answered })
    }

    /// Whether there was an answer by now.
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// Answers what has come, until there is no more.
    pub fn serve(&mut self) -> Outcome {
        loop {
            // Errors here are clients that left; they are counted where something was cut off.
            match self.take_turn() {
                Ok(Outcome::Idle) if self.buffer.is_empty() => return Outcome::Idle,
                Ok(Outcome::Idle) => {}
                Ok(Outcome::Ended) | Err(_) => return Outcome::Ended,
            }
        }
    }

    /// Waits a short while for more. Returns false when nothing came.
    pub fn await_more(&mut self) -> bool {
        let peeked = self.wait_for(GAP).and_then(|()| self.socket.peek(&mut [0]));
        !peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    fn take_turn(&mut self) -> io::Result<Outcome> {
        let closed = match self.hear(GAP)? {
            Heard::Ended => true,
            Heard::Silence => return Ok(Outcome::Idle),
            Heard::Refuse(answer) => {
                self.shared.ledger_request();
                self.send(answer.closing(), &Asked::nothing())?;
                self.linger()?
            }
            Heard::Head(length) => self.answer(length)? && self.linger()?,
        };
        self.answered = true;
        Ok(if closed { Outcome::Ended } else { Outcome::Idle })
    }

    /// Answers the first request 503 and ends the connection.
    pub fn refuse(&mut self) -> io::Result<()> {
        if let Heard::Head(_) | Heard::Refuse(_) = self.hear(REFUSED)? {
            self.shared.ledger_request();
            let busy = Answer::error(Status::Unavailable, "TOOMANYREQUESTS", "too many connections, ask again");
            self.send(busy.header("Retry-After", 1).closing(), &Asked::nothing())?;
            self.linger()?;
        }
        Ok(())
    }

    /// Sets the socket's read timeout, if it is another than before.
    fn wait_for(&mut self, patience: Duration) -> io::Result<()> {
        if self.patience != patience {
            self.socket.set_read_timeout(Some(patience))?;
            self.patience = patience;
        }
        Ok(())
    }

    /// Waits for a whole head at the start of the buffer, and up to `patience` for its first byte.
    fn hear(&mut self, patience: Duration) -> io::Result<Heard> {
        let mut looked_at = 0;
        let mut deadline = None;
        loop {
            let blank = self.buffer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.buffer.drain(..blank);
            looked_at = if blank > 0 { 0 } else { looked_at };
            // A TLS ClientHello begins with 0x16. Clients that try TLS first fall back to plain HTTP only when they read "HTTP/" at once.
            if self.buffer.first().is_some_and(|first| !first.is_ascii_alphabetic()) {
                return Ok(Heard::Refuse(Answer::text(Status::BadRequest, "This port speaks plain HTTP.\n")));
            }
            if let Some(length) = head::find_end(&self.buffer, looked_at) {
                return Ok(if length > LONGEST_HEAD { too_large() } else { Heard::Head(length) });
            }
            looked_at = self.buffer.len();
            if looked_at > LONGEST_HEAD {
                return Ok(too_large());
            }
            if looked_at == 0 {
                self.wait_for(patience)?;
            } else {
                let until = *deadline.get_or_insert_with(|| Instant::now() + HEAD);
                match until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                    Some(left) => self.wait_for(left)?,
                    None => return Ok(Heard::Refuse(Answer::text(Status::RequestTimeout, "The request took too long.\n"))),
                }
            }
            match self.read() {
                Ok(0) => return Ok(Heard::Ended),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock && looked_at == 0 => return Ok(Heard::Silence),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(_) => return Ok(Heard::Ended),
            }
        }
    }

    /// Appends what is there to the buffer.
    fn read(&mut self) -> io::Result<usize> {
        let length = self.buffer.len();
        self.buffer.resize(length.saturating_add(PIECE), 0);
        let mut socket = self.socket;
        let count = socket.read(self.buffer.get_mut(length..).unwrap_or_default());
        self.buffer.truncate(length.saturating_add(*count.as_ref().unwrap_or(&0)));
        count
    }

    /// Answers the request whose head is the first `length` bytes of the buffer. Returns whether the connection is to be closed.
    fn answer(&mut self, length: usize) -> io::Result<bool> {
        let _active = self.shared.begin_request();
        let head = head::read(self.buffer.get(..length).unwrap_or_default());
        let (answer, asked) = match &head {
            Ok(head) => (registry::answer(&self.shared.catalog, head, || self.shared.await_ready()), Asked::new(head)),
            Err(refusal) => (unreadable(*refusal), Asked::nothing()),
        };
        let body = head.map_or(RequestBody::Unmeasured, |head| head.body);
        self.buffer.drain(..length);
        self.buffer.shrink_to(PIECE);
        let readable = match body {
            RequestBody::None => true,
            RequestBody::Sized(size) => size <= LONGEST_BODY && self.skip(size)?,
            RequestBody::Unmeasured => false,
        };
        let close = answer.close || !asked.keep_alive || !readable || self.shared.is_draining();
        self.send(Answer { close, ..answer }, &asked)
    }

    /// Reads past a body. Returns false when the client ended before it did.
    fn skip(&mut self, mut size: u64) -> io::Result<bool> {
        loop {
            let count = usize::try_from(size).unwrap_or(usize::MAX).min(self.buffer.len());
            self.buffer.drain(..count);
            size -= count as u64;
            if size == 0 {
                return Ok(true);
            }
            if self.read()? == 0 {
                return Ok(false);
            }
        }
    }

    /// Writes an answer. Returns whether the connection is to be closed.
    fn send(&mut self, answer: Answer, asked: &Asked) -> io::Result<bool> {
        if answer.status as u16 >= 400 {
            count(&self.shared.ledger.totals.refused, 1);
        }
        let mut out = Vec::with_capacity(1024);
        answer.write_head(&mut out, asked.old && asked.keep_alive);
        match &answer.body {
            _ if asked.method == Method::Head => self.write(&out)?,
            Body::Bytes(body) => {
                out.extend_from_slice(body.as_bytes());
                self.write(&out)?;
            }
            Body::Content { place, start, end } => {
                let (shared, socket, client) = (self.shared, self.socket, self.client);
                Delivery { shared, socket, client, kind: asked.kind, repository: &asked.repository }.run(*place, *start, *end, out)?;
            }
        }
        Ok(answer.close)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut socket = self.socket;
        socket.write_all(bytes)
    }

    /// Says that no more comes, and throws away what the client still sends: closing with unread bytes would reset the connection
    /// before the client has read the answer. Returns true: the connection is at its end.
    fn linger(&mut self) -> io::Result<bool> {
        self.socket.shutdown(Shutdown::Write)?;
        let until = Instant::now() + LINGER;
        self.buffer.clear();
        while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            self.wait_for(left)?;
            if self.read()? == 0 {
                break;
            }
            self.buffer.clear();
        }
        Ok(true)
    }
}

/// What is remembered of a request when its head is gone from the buffer.
struct Asked {
    method: Method,
    keep_alive: bool,
    old: bool,
    kind: &'static str,
    repository: String,
}

impl Asked {
    fn new(head: &Head) -> Asked {
        // From the right, as routes are read: a repository may have a part named "manifests".
        let mut parts = head.target.split('?').next().unwrap_or_default().rsplitn(3, '/').skip(1);
        let kind = if parts.next() == Some("manifests") { "manifest" } else { "blob" };
        let name = parts.next().unwrap_or_default();
        // Behind /v2/ and the secret, which never shows up in the log.
        let repository = name.splitn(4, '/').nth(3).unwrap_or_default().to_string();
        Asked { method: head.method, keep_alive: head.keep_alive, old: head.old, kind, repository }
    }

    fn nothing() -> Asked {
        Asked { method: Method::Other, keep_alive: false, old: false, kind: "", repository: String::new() }
    }
}

fn too_large() -> Heard {
    Heard::Refuse(Answer::text(Status::HeadTooLarge, "The request's head is longer than 64 KiB.\n"))
}

fn unreadable(refusal: Refusal) -> Answer {
    match refusal {
        Refusal::Malformed => Answer::text(Status::BadRequest, "This is no HTTP/1.1 request.\n"),
        Refusal::Version => Answer::text(Status::VersionNotSupported, "Only HTTP/1.0 and HTTP/1.1 are spoken.\n"),
        Refusal::TooManyHeaders => Answer::text(Status::HeadTooLarge, "The request has more than 128 headers.\n"),
    }
    .closing()
}
