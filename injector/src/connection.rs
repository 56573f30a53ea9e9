//! One client: requests in, answers out, until one side has had enough.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::http::head::{self, Body as RequestBody, Head, LONGEST_HEAD, Method, Refusal};
use crate::http::response::{Answer, Body, Status};
use crate::ledger::{Happening, count};
use crate::log;
use crate::registry;
use crate::serve::Server;
use crate::transfer::Transfer;

/// How long a connection may be idle between requests. Clients keep theirs for 30 to 90 s.
const IDLE: Duration = Duration::from_secs(90);
/// The same when threads are scarce.
const IDLE_WHEN_CROWDED: Duration = Duration::from_secs(5);
/// How long a head may take from its first byte on, and the first byte from the start of the connection.
const HEAD: Duration = Duration::from_secs(10);
/// How long the rest of a refused request is thrown away, so that the client gets the answer and not a reset.
const LINGER: Duration = Duration::from_secs(2);
/// Longest request body that is read past; no request here needs one.
const LONGEST_BODY: u64 = 64 << 10;
/// Bytes read at a time, and the buffer that an idle connection keeps.
const PIECE: usize = 4 << 10;

/// Serves a connection until it ends. With `refused`, its first request is answered 503.
pub fn run(server: &Server, socket: &TcpStream, refused: bool) {
    let client = socket.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |address| address.ip().to_canonical());
    let mut connection = Connection { server, socket, client, buffer: Vec::new() };
    // Errors here are clients that left; they are counted where something was cut off.
    let _ = connection.serve(refused);
}

struct Connection<'run> {
    server: &'run Server,
    socket: &'run TcpStream,
    client: IpAddr,
    /// Bytes that were read and not yet used.
    buffer: Vec<u8>,
}

/// What a wait for a request came to.
enum Heard {
    Head(usize),
    Refuse(Answer),
    Nothing,
}

impl Connection<'_> {
    fn serve(&mut self, refused: bool) -> io::Result<()> {
        self.socket.set_nodelay(true)?;
        self.socket.set_write_timeout(Some(self.server.stall))?;
        // Whoever connects has something to ask; waiting long for it would make threads free to take.
        let mut idle = if refused || self.server.is_crowded() { IDLE_WHEN_CROWDED } else { HEAD };
        self.socket.set_read_timeout(Some(idle))?;
        loop {
            let closed = match self.hear(idle)? {
                Heard::Nothing => return Ok(()),
                Heard::Refuse(answer) => {
                    self.server.ledger_request();
                    self.send(answer.closing(), &Asked::nothing())?
                }
                Heard::Head(length) => self.answer(length, refused)?,
            };
            if closed {
                return self.linger();
            }
            if idle == HEAD {
                idle = IDLE;
                self.socket.set_read_timeout(Some(idle))?;
            }
        }
    }

    /// Waits for a whole head at the start of the buffer.
    fn hear(&mut self, idle: Duration) -> io::Result<Heard> {
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
                if deadline.is_some() {
                    self.socket.set_read_timeout(Some(idle))?;
                }
                return Ok(if length > LONGEST_HEAD { too_large() } else { Heard::Head(length) });
            }
            looked_at = self.buffer.len();
            if looked_at > LONGEST_HEAD {
                return Ok(too_large());
            }
            if looked_at > 0 {
                let until = *deadline.get_or_insert_with(|| Instant::now() + HEAD);
                match until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                    Some(left) => self.socket.set_read_timeout(Some(left))?,
                    None => return Ok(Heard::Refuse(Answer::text(Status::RequestTimeout, "The request took too long.\n"))),
                }
            }
            match self.read() {
                Ok(0) => return Ok(Heard::Nothing),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock && looked_at > 0 => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Ok(Heard::Nothing),
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
    fn answer(&mut self, length: usize, refused: bool) -> io::Result<bool> {
        let _active = self.server.begin_request();
        let head = head::read(self.buffer.get(..length).unwrap_or_default());
        let (answer, asked) = match &head {
            _ if refused => (busy(), Asked::nothing()),
            Ok(head) => (registry::answer(&self.server.catalog, head, || self.server.await_ready()), Asked::new(head)),
            Err(refusal) => (refuse(*refusal), Asked::nothing()),
        };
        let body = head.map_or(RequestBody::Unmeasured, |head| head.body);
        self.buffer.drain(..length);
        self.buffer.shrink_to(PIECE);
        let readable = match body {
            RequestBody::None => true,
            RequestBody::Sized(size) => size <= LONGEST_BODY && self.skip(size)?,
            RequestBody::Unmeasured => false,
        };
        let close = answer.close || !asked.keep_alive || !readable || self.server.is_draining();
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
            count(&self.server.ledger.totals.refused, 1);
        }
        let mut out = Vec::with_capacity(1024);
        answer.write_head(&mut out, asked.old && asked.keep_alive);
        match &answer.body {
            _ if asked.method == Method::Head => self.write(&out)?,
            Body::Bytes(body) => {
                out.extend_from_slice(body.as_bytes());
                self.write(&out)?;
            }
            Body::Content { place, start, end } => self.send_content(*place, *start, *end, out, asked)?,
        }
        Ok(answer.close)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut socket = self.socket;
        socket.write_all(bytes)
    }

    fn send_content(&self, place: usize, start: u64, end: u64, mut head: Vec<u8>, asked: &Asked) -> io::Result<()> {
        let server = self.server;
        let Some(content) = server.catalog.contents.get(place) else {
            return Err(ErrorKind::NotFound.into());
        };
        let first = |happening| server.ledger.is_first(self.client, place, server.catalog.contents.len(), happening);
        let (kind, repository, client, digest) = (asked.kind, &asked.repository, self.client, content.digest);
        let started = Instant::now();
        let mut held = false;
        let mut hold = || {
            if !held && first(Happening::Held) {
                log::event(format_args!("held kind={kind} repository={repository} digest={digest} client={client}"));
            }
            held = true;
            !server.is_draining()
        };
        let mut transfer =
            Transfer { store: &server.store, socket: self.socket, place, offset: start, end, whole_only: kind == "manifest" };
        let sent = transfer.run(&mut head, &mut hold);
        let bytes = transfer.offset.saturating_sub(start);
        let totals = &server.ledger.totals;
        count(&totals.bytes, bytes);
        count(if kind == "manifest" { &totals.manifests } else { &totals.blobs }, 1);
        let ms = started.elapsed().as_millis();
        match &sent {
            Ok(()) if end == content.size && first(Happening::Pulled) => log::event(format_args!(
                "pull kind={kind} repository={repository} digest={digest} size={} bytes={bytes} client={client} ms={ms}",
                content.size
            )),
            Ok(()) => {}
            Err(error) => {
                count(&totals.broken, 1);
                if first(Happening::Broken) {
                    log::event(format_args!(
                        "broken kind={kind} repository={repository} digest={digest} size={} bytes={bytes} client={client} ms={ms} reason={}",
                        content.size,
                        error.kind()
                    ));
                }
            }
        }
        sent
    }

    /// Says that no more comes, and throws away what the client still sends: closing with unread bytes would reset the connection
    /// before the client has read the answer.
    fn linger(&mut self) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)?;
        let until = Instant::now() + LINGER;
        self.buffer.clear();
        while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            self.socket.set_read_timeout(Some(left))?;
            if self.read()? == 0 {
                break;
            }
            self.buffer.clear();
        }
        Ok(())
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

fn busy() -> Answer {
    Answer::error(Status::Unavailable, "TOOMANYREQUESTS", "too many connections, ask again").header("Retry-After", 1).closing()
}

fn refuse(refusal: Refusal) -> Answer {
    match refusal {
        Refusal::Malformed => Answer::text(Status::BadRequest, "This is no HTTP/1.1 request.\n"),
        Refusal::Version => Answer::text(Status::VersionNotSupported, "Only HTTP/1.0 and HTTP/1.1 are spoken.\n"),
        Refusal::TooManyHeaders => Answer::text(Status::HeadTooLarge, "The request has more than 128 headers.\n"),
    }
    .closing()
}
