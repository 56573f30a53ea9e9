//! Copies from the registry that this one replaces: what the catalog lists, the store does not have and the other one does. What clients
//! wait for comes first, then manifests, then small ones.

pub mod offer;
pub mod queue;
pub mod source;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use crate::catalog::Content;
use crate::log::{self, must};
use crate::server::demands::Demands;
use crate::server::shared::Shared;
use queue::{Candidate, Queue, Step, Tally};
use source::{Line, SILENCE, Source};

/// Connections to the other registry: one that is silent does not hold up all others.
const CONNECTIONS: usize = 4;
/// Files that copying may have open: a socket and a file for each connection, and more contents that are here in part.
pub const FILES: u64 = 8 * CONNECTIONS as u64;
/// Bytes taken at a time.
const PIECE: usize = 128 << 10;
/// How often a content is asked for, when each time a part of it comes.
const MOST_ATTEMPTS: usize = 5;
/// How often in a row nothing may come for too long: a volume that hangs does so for all that is on it, and what waits for it may be
/// demanded instead.
const MOST_SILENCES: usize = CONNECTIONS;
/// Stack of the threads that copy.
const STACK: usize = 64 << 10;

/// Copies all that can be copied, and returns when nothing more can. Whatever is not copied is demanded from then on, or earlier. Once this
/// has come to its end, later processes ask nobody: the other registry goes then, and its address may be another's, whom a question would
/// tell the secret.
pub fn run(shared: &Shared, demands: &Demands, from: SocketAddr) {
    let started = Instant::now();
    let missing = missing(shared);
    if missing.is_empty() {
        return;
    }
    let source = Source::new(from, &shared.catalog);
    let (queue, gone, silences) = (Mutex::new(Queue::new(missing)), AtomicBool::new(false), AtomicUsize::new(0));
    let copying = Copying { shared, demands, source, queue, gone, silences };
    let identity = &shared.catalog.identity;
    let met = if shared.store.has_copied(identity) { Ok(false) } else { copying.source.meet() };
    match met {
        Ok(true) => copying.share_work(),
        Ok(false) => copying.give_up_all(),
        Err(error) => copying.lose(&error),
    }
    copying.settle(None);
    must(shared.store.keep_copied(identity));
    let Tally { contents, bytes } = copying.queue().copied;
    log::event(format_args!("copied contents={contents} bytes={bytes} ms={}", started.elapsed().as_millis()));
}

/// What is not in the store.
fn missing(shared: &Shared) -> Vec<Candidate> {
    let missing = shared.catalog.contents.iter().enumerate().filter(|(place, _)| !shared.store.is_verified(*place));
    missing.map(|(place, content)| Candidate { blob: content.media_type.is_none(), size: content.size, place }).collect()
}

struct Copying<'run> {
    shared: &'run Shared,
    demands: &'run Demands,
    source: Source<'run>,
    queue: Mutex<Queue>,
    /// The other registry cannot be reached any more.
    gone: AtomicBool,
    /// How often nothing came for too long since something came.
    silences: AtomicUsize,
}

/// What an attempt to copy a content came to.
enum Outcome {
    Copied,
    /// Another writes it, or has written it.
    Taken,
    Refused(String),
}

impl<'run> Copying<'run> {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn share_work(&self) {
        thread::scope(|scope| {
            for _ in 1..CONNECTIONS {
                // One that cannot be started leaves its share to the others.
                let _ = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || self.work());
            }
            self.work();
        });
    }

    fn work(&self) {
        let mut line = None;
        let mut piece = vec![0; PIECE];
        loop {
            let step = self.queue().next(|places| self.demands.first_awaited(places));
            let Some((step, candidate)) = step else {
                return;
            };
            let Some(content) = self.shared.catalog.contents.get(candidate.place) else {
                return;
            };
            match step {
                Step::LookUp => self.look_up(&mut line, candidate, content),
                Step::Copy => self.copy(&mut line, &mut piece, candidate.place, content),
            }
        }
    }

    /// Asks whether the other registry has a content.
    fn look_up(&self, line: &mut Option<Line<'run>>, candidate: Candidate, content: &Content) {
        let there = self.talk(line, candidate.place, |line| {
            let reply = line.ask("HEAD", content, 0)?;
            self.hear();
            Ok(offer::check(&reply, 0, content.size).is_ok())
        });
        if there.unwrap_or(false) {
            self.settle(Some(candidate));
        } else {
            self.give_up(candidate.place);
            self.settle(None);
        }
    }

    /// Notes what a question came to, and tells what will be copied as soon as that is known.
    fn settle(&self, found: Option<Candidate>) {
        if let Some(Tally { contents, bytes }) = self.queue().settle(found) {
            log::event(format_args!("copying contents={contents} bytes={bytes}"));
        }
    }

    fn copy(&self, line: &mut Option<Line<'run>>, piece: &mut [u8], place: usize, content: &Content) {
        let reason = match self.talk(line, place, |line| self.attempt(line, piece, place, content)) {
            Ok(Outcome::Copied) => return self.queue().copied.count(content.size),
            Ok(Outcome::Taken) => return self.give_up(place),
            Ok(Outcome::Refused(reason)) => reason,
            Err(error) => reason(&error),
        };
        log::event(format_args!("uncopied digest={} reason={reason}", content.digest));
        self.give_up(place);
    }

    /// Copies a content, from where it is here in part.
    fn attempt(&self, line: &mut Line, piece: &mut [u8], place: usize, content: &Content) -> io::Result<Outcome> {
        let Content { digest, size, .. } = content;
        let Some(mut writer) = must(self.shared.store.copy(place, line.socket())) else {
            return Ok(Outcome::Taken);
        };
        let before = writer.written();
        let reply = line.ask("GET", content, writer.written())?;
        if let Err(reason) = offer::check(&reply, writer.written(), *size) {
            line.spoil();
            return Ok(Outcome::Refused(reason));
        }
        while writer.written() < *size {
            let left = usize::try_from(size.saturating_sub(writer.written())).unwrap_or(usize::MAX);
            let most = left.min(piece.len());
            let count = line.take(piece.get_mut(..most).unwrap_or_default())?;
            self.hear();
            must(writer.write(piece.get(..count).unwrap_or_default()));
        }
        let verified = must(writer.finish(|| {
            log::event(format_args!("verified digest={digest} size={size}"));
            self.demands.verified(place);
        }));
        match verified {
            Ok(()) => Ok(Outcome::Copied),
            // The machine may have been lost with some of what was here, so it is dropped, and all is asked for.
            Err(_) if before > 0 => self.attempt(line, piece, place, content),
            Err(found) => Ok(Outcome::Refused(format!("its bytes have the digest {found}"))),
        }
    }

    /// Does something over a connection, which is made when there is none. Does it again when the connection was one that the other side
    /// may have closed meanwhile, or when it has brought a part.
    fn talk<T>(
        &self,
        line: &mut Option<Line<'run>>,
        place: usize,
        mut work: impl FnMut(&mut Line<'run>) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let (reused, before) = (line.is_some(), self.shared.store.offset(place));
            let current = match line {
                Some(current) => current,
                None => line.insert(self.source.dial().inspect_err(|error| self.lose(error))?),
            };
            let outcome = work(current);
            if outcome.is_err() || current.is_spoiled() {
                *line = None;
            }
            match outcome {
                Err(error) if !is_silence(&error) && attempts < MOST_ATTEMPTS => {
                    if !reused && self.shared.store.offset(place) <= before {
                        return Err(error);
                    }
                }
                Err(error) if is_silence(&error) => {
                    self.miss(&error);
                    return Err(error);
                }
                outcome => return outcome,
            }
        }
    }

    /// Something came.
    fn hear(&self) {
        self.silences.store(0, Ordering::Relaxed);
    }

    /// Nothing came for too long.
    fn miss(&self, error: &io::Error) {
        if self.silences.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_SILENCES {
            self.lose(error);
        }
    }

    /// The other registry cannot be reached: nothing more is copied.
    fn lose(&self, error: &io::Error) {
        if !self.gone.swap(true, Ordering::AcqRel) {
            log::event(format_args!("unreachable to={} reason={}", self.source.address(), reason(error)));
        }
        self.give_up_all();
    }

    /// Leaves a content to others.
    fn give_up(&self, place: usize) {
        self.demands.give_up_copy(place, || self.shared.store.is_verified(place));
    }

    /// Nothing more is looked for or copied but what is under way.
    fn give_up_all(&self) {
        let all = self.queue().drain();
        all.into_iter().for_each(|candidate| self.give_up(candidate.place));
    }
}

/// Why something could not be had, in few words.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::WouldBlock => format!("nothing came for {} s", SILENCE.as_secs()),
        kind => kind.to_string(),
    }
}

/// Whether nothing came for too long.
fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
