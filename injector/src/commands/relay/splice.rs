//! Passes the bytes of connections on to another address, without a look at them and without a buffer of their own: what the other side
//! does not take stays where the kernel has it.

use std::collections::{HashMap, VecDeque};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::system::{self, Poll};

/// Most connections that are open at once: as many as a registry takes; a node has far fewer.
const MOST_CONNECTIONS: usize = 4096;
/// Files that belong to no connection.
const OTHER_FILES: u64 = 32;
/// Connections that are accepted before others are looked after again.
const ACCEPTS: usize = 64;
/// Bytes that are passed on at a time.
const PIECE: usize = 64 << 10;
/// Pieces of one direction before other connections have their turn.
const PIECES: usize = 16;
/// How long the poll waits when nothing happens.
const TICK: Duration = Duration::from_secs(60);
/// How long a connection on which nothing comes may be gone before that is noticed. A held answer is silent for as long as it is held.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// What has been passed on so far.
#[derive(Default)]
pub struct Totals {
    pub connections: AtomicU64,
    pub bytes: AtomicU64,
}

/// A client, and the connection that was made for it.
struct Pair {
    client: TcpStream,
    server: TcpStream,
    /// Whether each has sent all that it will: of the client's half, and of the server's.
    ended: [bool; 2],
}

/// How a turn of a connection went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Nothing more comes, or is taken, for now.
    Waits,
    /// There may be more to pass on at once.
    GoesOn,
    /// Both sides have sent all, or one is gone.
    Over,
}

pub struct Relay<'a> {
    listeners: &'a [TcpListener],
    to: SocketAddr,
    totals: &'a Totals,
    poll: Poll,
    pairs: HashMap<u64, Pair>,
    /// Connections whose turn it is although the poll says nothing of them.
    queue: VecDeque<u64>,
    piece: Vec<u8>,
    most_connections: usize,
    accepts: bool,
    /// The key of the next connection. Those of listeners count down from the end.
    next: u64,
}

impl Relay<'_> {
    /// Takes listeners over. `files` is how many may be open: each connection needs two.
    pub fn new<'a>(listeners: &'a [TcpListener], to: SocketAddr, files: u64, totals: &'a Totals) -> io::Result<Relay<'a>> {
        let places = usize::try_from(files.saturating_sub(OTHER_FILES) / 2).unwrap_or(usize::MAX);
        let most_connections = places.clamp(8, MOST_CONNECTIONS);
        let (pairs, queue, piece) = (HashMap::new(), VecDeque::new(), vec![0; PIECE]);
        let mut relay = Relay { listeners, to, totals, poll: Poll::new()?, pairs, queue, piece, most_connections, accepts: false, next: 0 };
        for listener in listeners {
            listener.set_nonblocking(true)?;
        }
        relay.listen()?;
        Ok(relay)
    }

    pub fn most_connections(&self) -> usize {
        self.most_connections
    }

    /// Passes on for ever.
    pub fn run(&mut self) {
        let mut events = Vec::new();
        loop {
            let patience = if self.queue.is_empty() { TICK } else { Duration::ZERO };
            // The only error that can come is an interruption.
            let _ = self.poll.wait(&mut events, patience);
            let turns = self.queue.len();
            for event in &events {
                match self.listener(event.key) {
                    Some(place) => self.accept(place),
                    None => self.turn(event.key),
                }
            }
            for key in self.queue.drain(..turns).collect::<Vec<_>>() {
                self.turn(key);
            }
            if !self.accepts && self.pairs.len() < self.most_connections {
                // It is tried again after the next event.
                let _ = self.listen();
            }
        }
    }

    /// The listener that a key stands for.
    fn listener(&self, key: u64) -> Option<usize> {
        usize::try_from(u64::MAX - key).ok().filter(|place| *place < self.listeners.len())
    }

    fn listen(&mut self) -> io::Result<()> {
        for (key, listener) in (0..=u64::MAX).rev().zip(self.listeners) {
            self.poll.add(listener, key)?;
        }
        self.accepts = true;
        Ok(())
    }

    /// Takes the connections that have come. With no place left, further ones wait where the kernel has them.
    fn accept(&mut self, place: usize) {
        for _ in 0..ACCEPTS {
            if self.pairs.len() >= self.most_connections {
                return self.pause();
            }
            let Some(accepted) = self.listeners.get(place).map(TcpListener::accept) else {
                return;
            };
            match accepted {
                Ok((client, _)) => {
                    self.totals.connections.fetch_add(1, Ordering::Relaxed);
                    // Without a connection of its own the client is told by the end of this one.
                    let _ = self.admit(client);
                }
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // Out of files or memory: the others get a moment to end.
                Err(_) => return std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Accepts nothing until a place is free.
    fn pause(&mut self) {
        for listener in self.listeners {
            let _ = self.poll.remove(listener);
        }
        self.accepts = false;
    }

    fn admit(&mut self, client: TcpStream) -> io::Result<()> {
        client.set_nonblocking(true)?;
        let server = system::begin_connection(self.to)?;
        for socket in [&client, &server] {
            socket.set_nodelay(true)?;
            system::keep_alive(socket, KEEP_ALIVE)?;
            self.poll.add_changes(socket, self.next)?;
        }
        self.pairs.insert(self.next, Pair { client, server, ended: [false; 2] });
        self.next += 1;
        Ok(())
    }

    /// Passes on what there is of a connection, as far as both sides take it.
    fn turn(&mut self, key: u64) {
        let Some(pair) = self.pairs.get_mut(&key) else {
            return;
        };
        match pair.pass(&mut self.piece, &self.totals.bytes) {
            Turn::Waits => {}
            Turn::GoesOn => self.queue.push_back(key),
            Turn::Over => drop(self.pairs.remove(&key)),
        }
    }
}

impl Pair {
    fn pass(&mut self, piece: &mut [u8], bytes: &AtomicU64) -> Turn {
        let Pair { client, server, ended: [up, down] } = self;
        let turns = [pass_half(client, server, up, piece, bytes), pass_half(server, client, down, piece, bytes)];
        match turns {
            _ if (*up && *down) || turns.contains(&Turn::Over) => Turn::Over,
            _ if turns.contains(&Turn::GoesOn) => Turn::GoesOn,
            _ => Turn::Waits,
        }
    }
}

/// Passes on one direction. Bytes are taken from one side only when the other has taken them.
fn pass_half(from: &mut TcpStream, to: &mut TcpStream, ended: &mut bool, piece: &mut [u8], bytes: &AtomicU64) -> Turn {
    for _ in 0..PIECES {
        if *ended {
            return Turn::Waits;
        }
        match step(from, to, piece) {
            Ok(0) => *ended = true,
            Ok(count) => drop(bytes.fetch_add(count as u64, Ordering::Relaxed)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Turn::Waits,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Turn::Over,
        }
    }
    Turn::GoesOn
}

/// Passes on a piece, and returns its bytes; none when no more will come, which the other side is told.
fn step(from: &mut TcpStream, to: &mut TcpStream, piece: &mut [u8]) -> io::Result<usize> {
    let count = from.peek(piece)?;
    if count == 0 {
        to.shutdown(Shutdown::Write)?;
        return Ok(0);
    }
    let taken = to.write(piece.get(..count).unwrap_or_default())?;
    from.read_exact(piece.get_mut(..taken).unwrap_or_default())?;
    Ok(taken)
}
