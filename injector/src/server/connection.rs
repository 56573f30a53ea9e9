//! One client: requests in, answers out, until one side has had enough.

use std::io;
use std::net::{IpAddr, TcpStream};
use std::time::Duration;

use crate::server::http::head::{self, Body as RequestBody, Head, Method, Refusal};
use crate::server::http::response::{Answer, Body, Status};
use crate::server::http::wire::{Heard, Wire};
use crate::server::ledger::count;
use crate::server::pull::Pull;
use crate::server::registry;
use crate::server::shared::Shared;

/// How long a thread waits for more of its connection before it gives the connection back: clients that go on do so at once.
const GAP: Duration = Duration::from_millis(100);
/// How long the request of a refused connection is waited for.
const REFUSED: Duration = Duration::from_secs(5);
/// How it goes on with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits for the client.
    Idle,
    Ended,
}

pub struct Connection<'run> {
    shared: &'run Shared,
    wire: Wire<'run>,
    client: IpAddr,
    answered: bool,
}

impl<'run> Connection<'run> {
    /// Prepares a socket. Fails when the client has left.
    pub fn new(shared: &'run Shared, socket: &'run TcpStream, answered: bool) -> io::Result<Connection<'run>> {
        let client = socket.peer_addr()?.ip().to_canonical();
        Ok(Connection { shared, wire: Wire::new(socket, shared.stall)?, client, answered })
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
                Ok(Outcome::Idle) if self.wire.is_empty() => return Outcome::Idle,
                Ok(Outcome::Idle) => {}
                Ok(Outcome::Ended) | Err(_) => return Outcome::Ended,
            }
        }
    }

    /// Waits a short while for more. Returns false when nothing came.
    pub fn await_more(&mut self) -> bool {
        self.wire.await_more(GAP)
    }

    fn take_turn(&mut self) -> io::Result<Outcome> {
        let close = match self.wire.hear(GAP)? {
            Heard::Ended => return Ok(Outcome::Ended),
            Heard::Silence => return Ok(Outcome::Idle),
            Heard::Refuse(answer) => {
                self.shared.ledger_request();
                self.send(answer.closing(), &Asked::nothing())?
            }
            Heard::Head(length) => self.answer(length)?,
        };
        self.answered = true;
        if !close {
            return Ok(Outcome::Idle);
        }
        self.wire.linger().map(|()| Outcome::Ended)
    }

    /// Answers the first request 503 and ends the connection.
    pub fn refuse(&mut self) -> io::Result<()> {
        if let Heard::Head(_) | Heard::Refuse(_) = self.wire.hear(REFUSED)? {
            self.shared.ledger_request();
            let busy = Answer::error(Status::Unavailable, "TOOMANYREQUESTS", "too many connections, ask again");
            self.send(busy.header("Retry-After", 1).closing(), &Asked::nothing())?;
            self.wire.linger()?;
        }
        Ok(())
    }

    /// Answers the request whose head is the first `length` bytes of the buffer. Returns whether the connection is to be closed.
    fn answer(&mut self, length: usize) -> io::Result<bool> {
        let _active = self.shared.begin_request();
        let head = head::read(self.wire.first(length));
        let (answer, asked) = match &head {
            Ok(head) => {
                let unavailable = |place| self.shared.store.is_unavailable(place);
                (registry::answer(&self.shared.catalog, head, || self.shared.await_ready(), &unavailable), Asked::new(head))
            }
            Err(refusal) => (unreadable(*refusal), Asked::nothing()),
        };
        let body = head.map_or(RequestBody::Unmeasured, |head| head.body);
        self.wire.consume(length);
        let readable = self.wire.skip_body(body)?;
        let close = answer.close || !asked.keep_alive || !readable || self.shared.is_draining();
        self.send(Answer { close, ..answer }, &asked)
    }

    /// Writes an answer. Returns whether the connection is to be closed.
    fn send(&mut self, answer: Answer, asked: &Asked) -> io::Result<bool> {
        if answer.status as u16 >= 400 {
            count(&self.shared.ledger.totals.refused, 1);
        }
        let answer = answer.header("Docker-Distribution-Api-Version", "registry/2.0");
        let mut out = Vec::with_capacity(1024);
        answer.write_head(&mut out, asked.old && asked.keep_alive);
        match &answer.body {
            _ if asked.method == Method::Head => self.wire.write(&out)?,
            Body::Bytes(body) => {
                out.extend_from_slice(body.as_bytes());
                self.wire.write(&out)?;
            }
            Body::Content { place, start, end, kind, repository } => {
                let (shared, socket, client) = (self.shared, self.wire.socket(), self.client);
                match (Pull { shared, socket, client, kind, repository }).run(*place, *start, *end, out) {
                    // Nothing of a manifest is sent before it is whole, so this one can still be answered otherwise.
                    Err(_) if *kind == "manifest" && shared.store.is_unavailable(*place) => {
                        return self.send(Answer { close: answer.close, ..registry::unknown_manifest() }, asked);
                    }
                    sent => sent?,
                }
            }
        }
        Ok(answer.close)
    }
}

/// What is remembered of a request when its head is gone from the buffer.
struct Asked {
    method: Method,
    keep_alive: bool,
    old: bool,
}

impl Asked {
    fn new(head: &Head) -> Asked {
        Asked { method: head.method, keep_alive: head.keep_alive, old: head.old }
    }

    fn nothing() -> Asked {
        Asked { method: Method::Other, keep_alive: false, old: false }
    }
}

fn unreadable(refusal: Refusal) -> Answer {
    match refusal {
        Refusal::Malformed => Answer::text(Status::BadRequest, "This is no HTTP/1.1 request.\n"),
        Refusal::Version => Answer::text(Status::VersionNotSupported, "Only HTTP/1.0 and HTTP/1.1 are spoken.\n"),
        Refusal::TooManyHeaders => Answer::text(Status::HeadTooLarge, "The request has more than 128 headers.\n"),
    }
    .closing()
}
