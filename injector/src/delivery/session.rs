//! One connection to the delivery port: it proves that it knows the token, and then hears demands or brings bytes.

use std::fmt::Write;
use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use crate::catalog::{Content, LARGEST_CATALOG};
use crate::delivery::answer::Answer;
use crate::delivery::body;
use crate::delivery::feed;
use crate::delivery::request::{Put, Request};
use crate::digest::{self, Digest};
use crate::intake::store::{Claim, Writer};
use crate::log::{self, must};
use crate::server::demands::Demands;
use crate::server::http::head::{self, Body};
use crate::server::http::response::Status;
use crate::server::http::wire::{Heard, Wire};
use crate::server::opening::{Offer, Opening};
use crate::server::shared::Shared;
use crate::token::{self, Matter, Nonce, Proof, Token};

/// How long a connection may be idle.
const IDLE: Duration = Duration::from_secs(300);
/// How long the other side may take no byte, or confirm none, or bring none of a body.
pub const STALL: Duration = Duration::from_secs(60);

pub struct Session<'run> {
    opening: &'run Opening,
    demands: &'run Demands,
    token: &'run Token,
    socket: &'run Arc<TcpStream>,
    wire: Wire<'run>,
    trust: Trust,
    /// Kept from one slice to the next.
    piece: Vec<u8>,
}

/// How a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Unproven,
    /// Proven, and waiting for its client.
    Idle,
    Busy,
}

/// How far the two sides know each other.
#[derive(Clone, Copy)]
enum Trust {
    None,
    /// Both nonces are drawn: the client's and ours.
    Greeted(Nonce, Nonce),
    /// By these.
    Proven(Nonce, Nonce),
}

impl<'run> Session<'run> {
    /// Prepares a socket. Fails when the client has left.
    pub fn new(
        opening: &'run Opening,
        demands: &'run Demands,
        token: &'run Token,
        socket: &'run Arc<TcpStream>,
    ) -> io::Result<Session<'run>> {
        Ok(Session { opening, demands, token, socket, wire: Wire::new(socket, STALL)?, trust: Trust::None, piece: Vec::new() })
    }

    /// Answers requests until one side has had enough. `change` is told how the connection stands.
    pub fn run(&mut self, change: impl Fn(Standing)) -> io::Result<()> {
        loop {
            let length = match self.wire.hear(IDLE)? {
                Heard::Head(length) => length,
                Heard::Refuse(refusal) => return self.end(Answer::closing(refusal.status)),
                Heard::Silence | Heard::Ended => return Ok(()),
            };
            if self.is_proven() {
                change(Standing::Busy);
            }
            let answer = self.take(length)?;
            if answer.close {
                return self.end(answer);
            }
            // Before the client knows of its answer: from then on others may come who count on this one's standing.
            if self.is_proven() {
                change(Standing::Idle);
            }
            self.wire.write(answer.text().as_bytes())?;
        }
    }

    /// Takes the request whose head is the first `length` bytes.
    fn take(&mut self, length: usize) -> io::Result<Answer> {
        let read = head::read(self.wire.first(length));
        let (request, body, keep_alive) = match read {
            Ok(head) => (Request::read(&head), head.body, head.keep_alive),
            Err(refusal) => return Ok(Answer::refusal(refusal)),
        };
        self.wire.consume(length);
        let answer = match (self.trust, request) {
            (Trust::None, Request::Hello(Some(client))) => self.greet(client),
            (Trust::None, Request::Hello(None)) => Answer::closing(Status::BadRequest),
            (Trust::Greeted(client, server), Request::Prove(Some(proof))) => self.believe(client, server, &proof),
            (Trust::None | Trust::Greeted(..), _) | (_, Request::Hello(_) | Request::Prove(_)) => Answer::closing(Status::Forbidden),
            (Trust::Proven(..), Request::Put(put)) => return self.put(&put, body, keep_alive),
            (Trust::Proven(..), Request::Catalog(proof)) => return self.take_catalog(proof, body, keep_alive),
            (Trust::Proven(..), Request::Demands) => return self.tell(),
            (Trust::Proven(..), Request::Offset(digest)) => self.describe(&digest),
            (Trust::Proven(..), Request::Missing) => self.list_missing(),
            (Trust::Proven(..), Request::End) => self.end_deliveries(),
            (Trust::Proven(..), Request::NotAllowed(methods)) => {
                Answer { headers: format!("Allow: {methods}\r\n"), ..Answer::new(Status::MethodNotAllowed) }
            }
            (Trust::Proven(..), Request::Unknown) => Answer::new(Status::NotFound),
        };
        self.past(answer, body, keep_alive)
    }

    fn is_proven(&self) -> bool {
        matches!(self.trust, Trust::Proven(..))
    }

    /// Reads past a body that nobody needs.
    fn past(&mut self, answer: Answer, body: Body, keep_alive: bool) -> io::Result<Answer> {
        let close = answer.close || !keep_alive || !self.wire.skip_body(body)?;
        Ok(Answer { close, ..answer })
    }

    fn greet(&mut self, client: Nonce) -> Answer {
        let server = must(token::nonce());
        let proof = self.token.prove(Matter::Serve, &client, &server);
        self.trust = Trust::Greeted(client, server);
        let (server, proof) = (crate::hex::encode(&server), crate::hex::encode(&proof));
        Answer { headers: format!("Jackal-Nonce: {server}\r\nJackal-Proof: {proof}\r\n"), ..Answer::new(Status::Ok) }
    }

    fn believe(&mut self, client: Nonce, server: Nonce, proof: &Proof) -> Answer {
        if !self.token.is_proven(Matter::Deliver, &client, &server, proof) {
            return Answer::closing(Status::Forbidden);
        }
        self.trust = Trust::Proven(client, server);
        Answer::new(Status::NoContent)
    }

    /// Feeds demands until the connection ends.
    fn tell(&self) -> io::Result<Answer> {
        feed::tell(self.opening, self.demands, &self.wire).map(|never| match never {})
    }

    /// A content of the catalog, with its place there. None also while there is no catalog.
    fn find(&self, digest: &Digest) -> Option<(&'run Shared, usize, &'run Content)> {
        let shared = self.opening.registry()?;
        let place = shared.catalog.find(digest)?;
        Some((shared, place, shared.catalog.contents.get(place)?))
    }

    fn describe(&self, digest: &Digest) -> Answer {
        let Some((shared, place, Content { size, .. })) = self.find(digest) else {
            return Answer::new(Status::NotFound);
        };
        let offset = shared.store.offset(place);
        Answer { headers: format!("Jackal-Offset: {offset}\r\nJackal-Size: {size}\r\n"), ..Answer::new(Status::Ok) }
    }

    /// Tells one by one what nobody brings by itself. Before there is a catalog, nothing can be told.
    fn list_missing(&self) -> Answer {
        let Some(Shared { catalog, store, .. }) = self.opening.registry() else {
            return Answer::new(Status::NotFound);
        };
        let (mut body, mut copying) = (String::new(), 0);
        for (place, Content { digest, size, .. }) in catalog.contents.iter().enumerate() {
            // In this order: a content that is copied is verified before it counts as not being copied any more.
            let copied = self.demands.is_copied(place);
            match self.demands.is_verified(place) || store.is_verified(place) {
                true => {}
                false if copied => copying += 1,
                // Writing into a string does not fail.
                false => drop(writeln!(body, "{digest} {size}")),
            }
        }
        Answer { headers: format!("Content-Type: text/plain\r\nJackal-Copying: {copying}\r\n"), body, ..Answer::new(Status::Ok) }
    }

    fn end_deliveries(&self) -> Answer {
        let Some(shared) = self.opening.registry() else {
            return Answer::new(Status::NotFound);
        };
        must(shared.end_deliveries());
        Answer::new(Status::NoContent)
    }

    fn take_catalog(&mut self, proof: Option<Proof>, body: Body, keep_alive: bool) -> io::Result<Answer> {
        let length = match body {
            Body::Sized(length) if length <= LARGEST_CATALOG => length,
            Body::Sized(_) => return self.past(Answer::new(Status::ContentTooLarge), body, keep_alive),
            Body::None | Body::Unmeasured => return self.past(Answer::new(Status::BadRequest), body, keep_alive),
        };
        let mut bytes = Vec::new();
        body::take(&mut self.wire, &mut self.piece, length, 0, &mut |news| bytes.extend_from_slice(news))?;
        // Its digests decide what is served, and who sends it may have done no more than pass on the proofs of this connection.
        let (matter, token) = (Matter::Catalog(digest::of(&bytes)), self.token);
        let is_own = matches!((self.trust, proof), (Trust::Proven(client, server), Some(proof)) if token.is_proven(matter, &client, &server, &proof));
        if !is_own {
            log::event(format_args!("refused reason=it is not proven to come from who knows the token"));
            return Ok(Answer::closing(Status::Forbidden));
        }
        let status = match must(self.opening.offer(&bytes)) {
            Offer::Taken => Status::Created,
            Offer::Other => Status::Conflict,
            Offer::Refused => Status::UnprocessableContent,
        };
        Ok(Answer { close: !keep_alive, ..Answer::new(status) })
    }

    fn put(&mut self, put: &Put, body: Body, keep_alive: bool) -> io::Result<Answer> {
        let Some((Shared { store, .. }, place, content)) = self.find(&put.digest) else {
            return self.past(Answer::new(Status::NotFound), body, keep_alive);
        };
        let sound = put.slice.filter(|slice| slice.size == content.size && body == Body::Sized(slice.length()));
        let Some(slice) = sound else {
            return self.past(Answer::at(Status::BadRequest, store.offset(place)), body, keep_alive);
        };
        let mut writer = match must(store.claim(place, slice.first, slice.end(), self.socket, put.patience)) {
            Claim::Granted(writer) => writer,
            Claim::Refused => return self.past(Answer::at(Status::Conflict, store.offset(place)), body, keep_alive),
            Claim::Whole => {
                body::take(&mut self.wire, &mut self.piece, slice.length(), slice.length(), &mut |_| ())?;
                return Ok(Answer { close: !keep_alive, ..Answer::at(Status::Created, content.size) });
            }
        };
        let known = writer.written().saturating_sub(slice.first).min(slice.length());
        body::take(&mut self.wire, &mut self.piece, slice.length(), known, &mut |news| must(writer.write(news)))?;
        let written = writer.written();
        let answer = if written < content.size {
            drop(writer);
            Answer::at(Status::Ok, written)
        } else {
            self.finish(writer, place, content)
        };
        Ok(Answer { close: !keep_alive, ..answer })
    }

    /// Checks a whole content, and tells whether it is what it should be.
    fn finish(&self, writer: Writer, place: usize, Content { digest, size, .. }: &Content) -> Answer {
        let verified = writer.finish(|| {
            log::event(format_args!("delivered digest={digest} size={size}"));
            self.demands.verified(place);
        });
        if must(verified).is_ok() {
            return Answer::at(Status::Created, *size);
        }
        log::event(format_args!("wrong digest={digest} size={size}"));
        self.demands.wrong(place);
        Answer::at(Status::UnprocessableContent, 0)
    }

    /// Says the last thing.
    fn end(&mut self, answer: Answer) -> io::Result<()> {
        self.wire.write(answer.text().as_bytes())?;
        self.wire.linger()
    }
}
