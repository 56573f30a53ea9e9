//! `deliver`: a courier brings pieces from mounted chunks to a registry's delivery port, in the order of its plan, however often the
//! other side is away for a while.

mod connection;
pub mod patience;
pub mod plan;

use std::fmt::Arguments;
use std::path::Path;
use std::thread;
use std::time::Instant;

use crate::commands::arguments::DeliverOptions;
use crate::commands::courier::connection::{Connection, Fault};
use crate::commands::courier::patience::Patience;
use crate::commands::courier::plan::{Piece, Plan};
use crate::digest::Digest;
use crate::failure::{ExitCode, Failure};
use crate::intake::chunks;
use crate::token::Token;
use crate::{log, system};

/// Stack of the thread that delivers.
const STACK: usize = 256 << 10;

/// Delivers all of the plan. Fails with `plan`, `usage` (the token), as chunks fail, with `blob-wrong`, with `not-reached`, or with `not-delivered`;
/// the last also when SIGTERM comes first.
pub fn run(options: &DeliverOptions) -> Result<(), Failure> {
    system::block_termination()?;
    let token = Token::read(&options.token)?;
    let plan = Plan::read(&options.plan)?;
    let (to, chunks) = (options.to, options.chunks.clone());
    let started = Instant::now();
    let bytes: u64 = plan.pieces.iter().map(|piece| piece.chunk.size).sum();
    log::event(format_args!("delivering pieces={} bytes={bytes} to={to}", plan.pieces.len()));
    let work = move || {
        let dial = || Connection::open(to, &token);
        let patience = Patience::new(started);
        let mut courier = Courier { chunks: &chunks, dial: &dial, line: None, here: None, patience, sent: 0, dials: 0 };
        match courier.deliver(&plan) {
            Ok(()) => log::last(format_args!(
                "finished pieces={} bytes={bytes} sent={} connections={} ms={}",
                plan.pieces.len(),
                courier.sent,
                courier.dials,
                started.elapsed().as_millis()
            )),
            Err(failure) => log::fatal(&failure),
        }
    };
    let spawned = thread::Builder::new().stack_size(STACK).spawn(work);
    spawned.map_err(|error| Failure::new(ExitCode::Internal, format!("The delivering thread cannot be started: {error}.")))?;
    system::await_termination();
    Err(Failure::new(ExitCode::NotDelivered, "The courier was told to end before all was delivered."))
}

struct Courier<'run> {
    chunks: &'run Path,
    dial: &'run dyn Fn() -> Result<Connection, Fault>,
    line: Option<Connection>,
    /// The content that was brought last, and how many of its bytes the registry has.
    here: Option<(Digest, u64)>,
    patience: Patience,
    /// Bytes sent.
    sent: u64,
    dials: u64,
}

impl Courier<'_> {
    fn deliver(&mut self, plan: &Plan) -> Result<(), Failure> {
        for piece in &plan.pieces {
            if self.known(piece) < piece.end() {
                let bytes = chunks::read_whole(&piece.chunk, self.chunks)?;
                self.bring(piece, &bytes)?;
            }
        }
        if plan.last {
            self.persist(format_args!("The last word"), |courier| courier.line()?.end())?;
        }
        Ok(())
    }

    /// How many bytes of the piece's content the registry is known to have.
    fn known(&self, piece: &Piece) -> u64 {
        self.here.filter(|(digest, _)| *digest == piece.digest).map_or(0, |(_, offset)| offset)
    }

    /// Brings one piece.
    fn bring(&mut self, piece: &Piece, bytes: &[u8]) -> Result<(), Failure> {
        self.persist(format_args!("Blob {}", piece.digest), |courier| match courier.try_once(piece, bytes) {
            Err(Fault::Behind(offset)) => {
                // Others bring what is before: that is progress, too.
                if offset > courier.known(piece) {
                    courier.patience.renew(Instant::now());
                }
                courier.here = Some((piece.digest, offset));
                Err(Fault::Passing(format!("the registry has {offset} bytes of it, and the piece begins at {}", piece.offset)))
            }
            tried => tried,
        })
    }

    /// Tries again and again until something is taken, or nothing was for too long.
    fn persist(&mut self, what: Arguments, mut attempt: impl FnMut(&mut Self) -> Result<(), Fault>) -> Result<(), Failure> {
        self.patience.renew(Instant::now());
        loop {
            let fault = match attempt(self) {
                Ok(()) => return Ok(()),
                Err(Fault::Final(code, reason)) => return Err(Failure::new(code, format!("{what} cannot be delivered: {reason}."))),
                Err(Fault::Behind(offset)) => format!("the registry has {offset} bytes"),
                Err(Fault::Passing(reason)) => reason,
            };
            self.line = None;
            let Some(pause) = self.patience.pause(Instant::now()) else {
                let seconds = self.patience.limit().as_secs();
                let sentence = format!("{what} was not delivered, as nothing was taken for {seconds} s: {fault}.");
                return Err(Failure::new(self.patience.end(), sentence));
            };
            thread::sleep(pause);
        }
    }

    /// The connection that is there, or a new one.
    fn line(&mut self) -> Result<&mut Connection, Fault> {
        if self.line.is_none() {
            self.dials = self.dials.saturating_add(1);
            self.line = Some((self.dial)()?);
            self.patience.meet();
        }
        self.line.as_mut().ok_or_else(|| Fault::Passing("there is no connection".into()))
    }

    fn try_once(&mut self, piece: &Piece, bytes: &[u8]) -> Result<(), Fault> {
        let line = self.line()?;
        let put = line.put(piece, bytes);
        self.sent = self.sent.saturating_add(bytes.len() as u64);
        let offset = put?;
        if offset == piece.size {
            log::event(format_args!("delivered digest={} size={offset}", piece.digest));
        }
        self.here = Some((piece.digest, offset));
        Ok(())
    }
}
