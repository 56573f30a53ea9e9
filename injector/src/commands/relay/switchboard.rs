//! All connections of a relay, in one thread that never waits for one of them.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use crate::commands::relay::pair::{Pair, Side, Turn};
use crate::log;
use crate::system::{self, Event, Poll};

/// Most connections at once. The runtime of one node has a handful for each image that it pulls; further ones wait in the kernel's queue.
const MOST_CONNECTIONS: usize = 1000;
/// Files that are no connections.
const OTHER_FILES: u64 = 32;
/// How long it may take to connect to the registry.
const CONNECT: Duration = Duration::from_secs(5);
/// A silent connection is no fault, for a held answer may take many minutes: the kernel asks this long after the last byte, and this
/// often from then on, whether the other side is still there.
const SILENCE: Duration = Duration::from_secs(30);
const QUESTIONS: Duration = Duration::from_secs(15);
/// How long a side may confirm nothing, or take no byte that waits for it: as long as `serve` lets a client take none.
const UNCONFIRMED: Duration = Duration::from_secs(120);
/// What is passed on at once. Every turn uses the one buffer.
const BUFFER: usize = 128 << 10;
/// What may wait in the kernel for a side that takes nothing. A thousand such clients hold 161 MiB, and 1,785 MiB without a limit.
const UNSENT: u32 = 32 << 10;
/// Connections that are accepted before others are looked after again.
const ACCEPTS: usize = 64;
/// The pause before another try, when a connection cannot be accepted for want of memory or files.
const PAUSE: Duration = Duration::from_millis(100);

/// Counts since the start.
#[derive(Default)]
pub struct Totals {
    connections: u64,
    /// Those for which the registry could not be connected to.
    unreachable: u64,
    /// Bytes passed on, both ways.
    bytes: u64,
}

impl fmt::Display for Totals {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let Totals { connections, unreachable, bytes } = self;
        write!(out, "connections={connections} unreachable={unreachable} bytes={bytes}")
    }
}

struct Entrance {
    listener: TcpListener,
    /// Connections may wait here.
    busy: bool,
}

pub struct Switchboard {
    to: SocketAddr,
    entrances: Vec<Entrance>,
    places: usize,
    poll: Poll,
    /// By key, and so by age: keys only grow.
    pairs: Vec<(u64, Pair)>,
    next: u64,
    /// Until when pairs have to be connected, in the order in which they began. Some are by now, or are gone.
    connecting: Vec<(Instant, u64)>,
    /// Whether the registry could not be connected to when it was last tried.
    unreachable: bool,
    totals: Totals,
    buffer: Vec<u8>,
}

/// What the sign to end is followed under.
const ENDING: u64 = u64::MAX;

/// What a listener is followed under: counting down, far above the keys of pairs.
fn key_of_entrance(place: usize) -> u64 {
    ENDING - 1 - place as u64
}

/// What a pair's socket is followed under: even for clients, odd for the registry.
fn key_of(pair: u64, side: Side) -> u64 {
    pair << 1 | u64::from(side == Side::Registry)
}

impl Switchboard {
    /// Takes listeners over. `files` is how many may be open: each pair needs two. `ending` can be read once the relay shall end.
    pub fn new(to: SocketAddr, listeners: Vec<TcpListener>, files: u64, ending: &OwnedFd) -> io::Result<Switchboard> {
        let poll = Poll::new()?;
        poll.follow(ending, ENDING)?;
        for (place, listener) in listeners.iter().enumerate() {
            listener.set_nonblocking(true)?;
            poll.follow(listener, key_of_entrance(place))?;
        }
        Ok(Switchboard {
            to,
            entrances: listeners.into_iter().map(|listener| Entrance { listener, busy: false }).collect(),
            places: usize::try_from(files.saturating_sub(OTHER_FILES) / 2).unwrap_or(usize::MAX).clamp(1, MOST_CONNECTIONS),
            poll,
            pairs: Vec::new(),
            next: 0,
            connecting: Vec::new(),
            unreachable: false,
            totals: Totals::default(),
            buffer: vec![0; BUFFER],
        })
    }

    /// How many connections may be open at once.
    pub fn places(&self) -> usize {
        self.places
    }

    /// Relays until the end is told. As this comes between two turns, the totals have every byte that either side was given.
    pub fn run(mut self) -> Totals {
        let (mut events, mut patience) = (Vec::new(), Duration::MAX);
        loop {
            let now = Instant::now();
            let all = self.poll.wait(&mut events, patience);
            if events.iter().any(|event| event.key == ENDING) {
                return self.totals;
            }
            for event in &events {
                let place = usize::try_from(key_of_entrance(0) - event.key).ok();
                match place.and_then(|place| self.entrances.get_mut(place)) {
                    Some(entrance) => entrance.busy = true,
                    None => self.serve(*event),
                }
            }
            // Those that were connected by then have been served, however long this process stood still.
            if all {
                self.give_up(now);
            }
            patience = self.accept().min(self.time_to_connect());
        }
    }

    /// Takes connections for as long as there are places. Returns how long to wait for anything else to happen.
    fn accept(&mut self) -> Duration {
        for _ in 0..ACCEPTS {
            // Those that find no place wait in the kernel's queue, as connected as any: a client that is kept waiting for an answer is
            // better off than one that is refused.
            let Some(entrance) = self.entrances.iter_mut().find(|entrance| entrance.busy).filter(|_| self.pairs.len() < self.places) else {
                return Duration::MAX;
            };
            match entrance.listener.accept() {
                Ok((client, _)) => self.admit(client),
                Err(error) if error.kind() == ErrorKind::WouldBlock => entrance.busy = false,
                // A client that left while it waited.
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
                Err(_) => return PAUSE,
            }
        }
        Duration::ZERO
    }

    fn admit(&mut self, client: TcpStream) {
        self.totals.connections += 1;
        let registry = match system::begin_to_connect(self.to) {
            Ok(registry) => registry,
            Err(error) => {
                self.miss(error.kind());
                return system::reset(client);
            }
        };
        let (key, pair) = (self.next, Pair::new(client, registry));
        self.next += 1;
        if self.follow(key, &pair).is_err() {
            return pair.reset();
        }
        self.pairs.push((key, pair));
        self.connecting.push((Instant::now() + CONNECT, key));
    }

    fn follow(&self, key: u64, pair: &Pair) -> io::Result<()> {
        for side in [Side::Client, Side::Registry] {
            let socket = pair.socket(side);
            socket.set_nonblocking(true)?;
            socket.set_nodelay(true)?;
            system::keep_alive(socket, SILENCE, QUESTIONS)?;
            system::limit_unconfirmed(socket, UNCONFIRMED)?;
            system::limit_unsent(socket, UNSENT)?;
            self.poll.follow(socket, key_of(key, side))?;
        }
        Ok(())
    }

    /// Looks after the pair that something happened to.
    fn serve(&mut self, event: Event) {
        let (key, side) = (event.key >> 1, if event.key & 1 == 0 { Side::Client } else { Side::Registry });
        // It may have ended since.
        let Some((_, pair)) = self.find(key).and_then(|place| self.pairs.get_mut(place)) else {
            return;
        };
        let was_connected = pair.is_connected();
        let turn = pair.hear(side, event, &mut self.buffer, &mut self.totals.bytes).and_then(|turn| {
            if turn == Turn::Unfinished {
                [Side::Client, Side::Registry]
                    .into_iter()
                    .try_for_each(|side| self.poll.ask_again(pair.socket(side), key_of(key, side)))?;
            }
            Ok(turn)
        });
        if pair.is_connected() && !was_connected {
            self.unreachable = false;
        }
        let unreachable = !pair.is_connected() && side == Side::Registry;
        match turn {
            Ok(Turn::Waits | Turn::Unfinished) => {}
            Ok(Turn::Ended) => drop(self.take(key)),
            Err(error) => {
                if unreachable {
                    self.miss(error.kind());
                }
                self.reset(key);
            }
        }
    }

    fn find(&self, key: u64) -> Option<usize> {
        self.pairs.binary_search_by(|(own, _)| own.cmp(&key)).ok()
    }

    fn take(&mut self, key: u64) -> Option<Pair> {
        self.find(key).map(|place| self.pairs.remove(place).1)
    }

    fn reset(&mut self, key: u64) {
        if let Some(pair) = self.take(key) {
            pair.reset();
        }
    }

    /// Tells that the registry cannot be connected to, once until it can.
    fn miss(&mut self, reason: ErrorKind) {
        self.totals.unreachable += 1;
        if !self.unreachable {
            self.unreachable = true;
            log::event(format_args!("unreachable to={} reason={reason}", self.to));
        }
    }

    /// Gives up connections that were to be made by now and are not.
    fn give_up(&mut self, now: Instant) {
        while let Some((until, key)) = self.connecting.first().copied() {
            let waits = self.find(key).and_then(|place| self.pairs.get(place)).is_some_and(|(_, pair)| !pair.is_connected());
            if waits && until > now {
                return;
            }
            self.connecting.remove(0);
            if waits {
                self.miss(ErrorKind::TimedOut);
                self.reset(key);
            }
        }
    }

    /// How long until a connection has to be given up. The kernel counts whole milliseconds, and it would be too early without one more.
    fn time_to_connect(&self) -> Duration {
        let first = self.connecting.first();
        first.map_or(Duration::MAX, |(until, _)| until.saturating_duration_since(Instant::now()) + Duration::from_millis(1))
    }
}
