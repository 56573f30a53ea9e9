//! Who may be connected to the delivery port: few at once, and those who prove nothing not for long.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::delivery::session::{STALL, Session, Standing};
use crate::server::demands::Demands;
use crate::server::opening::Opening;
use crate::server::shared::Shared;
use crate::system::{self, Poll};
use crate::token::Token;

/// Most connections at once: one hears demands and several bring bytes, for each runner and each courier.
const MOST_CONNECTIONS: usize = 64;
/// Files that the port may have open: each connection needs its socket and a file, and as many contents again may be here in part.
pub const FILES: u64 = 3 * MOST_CONNECTIONS as u64;
/// How often connections are looked through.
const TICK: Duration = Duration::from_secs(1);
/// How often a connection is seen to have proven nothing until it is closed: after ten seconds, in which this process did not stand still.
const MOST_LOOKS: u32 = 10;
/// Stack of a thread that serves a connection.
const STACK: usize = 64 << 10;

pub struct Port {
    opening: Arc<Opening>,
    demands: Arc<Demands>,
    token: Token,
    listener: TcpListener,
    poll: Poll,
    guests: Mutex<Guests>,
}

#[derive(Default)]
struct Guests {
    /// Oldest first.
    all: Vec<Guest>,
    next: u64,
}

struct Guest {
    key: u64,
    socket: Arc<TcpStream>,
    standing: Standing,
    since: Instant,
    looks: u32,
}

impl Guests {
    /// Closes the connections that have proven nothing for too long.
    fn look_through(&mut self) {
        self.all.iter_mut().for_each(|guest| guest.looks = guest.looks.saturating_add(1));
        self.close(|guest| guest.standing == Standing::Unproven && guest.looks > MOST_LOOKS);
    }

    /// Closes the connection that can best be done without: the one that has proven nothing for the longest, else the one that has been
    /// idle for the longest. Returns false when there is none.
    fn give_up_one(&mut self) -> bool {
        let longest = |standing| self.all.iter().filter(|guest| guest.standing == standing).min_by_key(|guest| guest.since);
        let key = longest(Standing::Unproven).or_else(|| longest(Standing::Idle)).map(|guest| guest.key);
        key.is_some_and(|key| self.close(|guest| guest.key == key))
    }

    /// Closes all connections that are chosen; their threads wake and end. Returns whether there was one.
    fn close(&mut self, chosen: impl Fn(&Guest) -> bool) -> bool {
        let before = self.all.len();
        self.all.retain(|guest| {
            let goes = chosen(guest);
            if goes {
                let _ = guest.socket.shutdown(Shutdown::Both);
            }
            !goes
        });
        self.all.len() < before
    }
}

impl Port {
    pub fn new(opening: Arc<Opening>, demands: Arc<Demands>, token: Token, listener: TcpListener) -> io::Result<Port> {
        let poll = Poll::new()?;
        listener.set_nonblocking(true)?;
        poll.add(&listener, 0)?;
        Ok(Port { opening, demands, token, listener, poll, guests: Mutex::default() })
    }

    /// Accepts for ever.
    pub fn run(self: &Arc<Port>) {
        let mut events = Vec::new();
        let mut looked = Instant::now();
        loop {
            self.poll.wait(&mut events, TICK);
            if looked.elapsed() >= TICK {
                looked = Instant::now();
                self.guests().look_through();
            }
            if events.is_empty() {
                continue;
            }
            match self.listener.accept() {
                Ok((socket, _)) => self.admit(Arc::new(socket)),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
                Err(_) => {
                    // Out of files or memory: one that is not needed goes, and the others get a moment to end.
                    self.guests().give_up_one();
                    thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(self: &Arc<Port>, socket: Arc<TcpStream>) {
        let mut guests = self.guests();
        let draining = self.opening.registry().is_some_and(Shared::is_draining);
        if draining || (guests.all.len() >= MOST_CONNECTIONS && !guests.give_up_one()) {
            return;
        }
        let key = guests.next;
        guests.next = key.wrapping_add(1);
        let (port, own) = (Arc::clone(self), Arc::clone(&socket));
        let work = move || {
            // Errors here are clients that left; what they brought counts.
            let _ = port.serve(&own, key);
            port.guests().all.retain(|guest| guest.key != key);
        };
        if thread::Builder::new().stack_size(STACK).spawn(work).is_ok() {
            guests.all.push(Guest { key, socket, standing: Standing::Unproven, since: Instant::now(), looks: 0 });
        }
    }

    fn serve(&self, socket: &Arc<TcpStream>, key: u64) -> io::Result<()> {
        system::limit_unconfirmed(socket, STALL)?;
        Session::new(&self.opening, &self.demands, &self.token, socket)?.run(|standing| {
            if let Some(guest) = self.guests().all.iter_mut().find(|guest| guest.key == key) {
                (guest.standing, guest.since) = (standing, Instant::now());
            }
        })
    }
}
