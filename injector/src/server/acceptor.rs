//! Who is served when: connections are accepted, wait without a thread until a request comes, and get a thread for their answers.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::server::connection::{Connection, Outcome};
use crate::server::idle::{Idle, Waiting};
use crate::server::ledger::count;
use crate::server::shared::Shared;
use crate::server::transfer::has_closed;
use crate::system::{self, Event, Poll};

/// Most connections that are open at once. containerd takes a new connection pool for each image and leaves two idle connections in it
/// for 30 s, so 300 nodes that pull four images one after another have 2,400, and 900 more that load blobs.
const MOST_CONNECTIONS: usize = 4096;
/// Most requests that are answered at once: three downloads of each of 300 nodes (containerd's max_concurrent_downloads). Each has a
/// thread, which costs about 35 KiB with what the kernel needs for it. Further ones wait for their turn.
const MOST_ANSWERS: usize = 1024;
/// Places beyond that for requests that come from the Pod itself: the kubelet's probe has to learn in time that all is well.
const MOST_OWN_ANSWERS: usize = 64;
/// Connections beyond the limit, and those that come while the process ends, are told to come back, this many at a time; further ones
/// are closed.
const MOST_REFUSALS: usize = 64;
/// Files that are neither connections nor what they are sent from.
const OTHER_FILES: u64 = 32;
/// Half of what may wait in the kernel of each connection until a thread reads it: requests are small.
const UNREAD: u32 = 32 << 10;
/// What may wait in the kernel for a client that takes nothing, in the container's memory: 96 clients that had stopped after 3 MB held 190 to
/// 275 MiB without a limit, several times what the container may have.
const UNSENT: u32 = 32 << 10;
/// How long the first request of a connection may take to come.
const FIRST: Duration = Duration::from_secs(10);
/// How long a connection may be idle after an answer. Clients keep theirs for 30 to 90 s.
const IDLE: Duration = Duration::from_secs(90);
/// How often idle connections are looked through.
const TICK: Duration = Duration::from_secs(1);
/// Connections that are accepted before others are looked after again.
const ACCEPTS: usize = 64;
/// Stack of a thread that answers.
const STACK: usize = 64 << 10;
/// The listener's key in the poll. Those of connections count up from 0.
const LISTENER: u64 = u64::MAX;

pub struct Acceptor {
    shared: Arc<Shared>,
    listener: TcpListener,
    poll: Poll,
    most_connections: usize,
    most_answers: usize,
    floor: Mutex<Floor>,
}

#[derive(Default)]
struct Floor {
    /// Connections that are counted against the limit.
    open: usize,
    /// Those that wait for their client: watched by the poll, or for a short while by the thread that served them.
    idle: Idle<Arc<TcpStream>>,
    /// What waits for a thread, first come first served, but those from the Pod itself before all others.
    queue: Vec<Request>,
    workers: usize,
    refusals: usize,
}

/// A connection that has something to read.
struct Request {
    socket: Arc<TcpStream>,
    answered: bool,
    own: bool,
}

impl Floor {
    /// Closes the idle connection that can best be done without. Returns false when there is none.
    fn give_up_one(&mut self) -> bool {
        self.idle.give_up().is_some_and(|waiting| self.close(&waiting))
    }

    fn close(&mut self, waiting: &Waiting<Arc<TcpStream>>) -> bool {
        self.open = self.open.saturating_sub(1);
        // A thread may still wait for it; this wakes it.
        let _ = waiting.connection.shutdown(Shutdown::Both);
        true
    }
}

impl Acceptor {
    /// Takes a listener over. `files` is how many may be open: each connection needs its socket, and each answer a file.
    pub fn new(shared: Arc<Shared>, listener: TcpListener, files: u64) -> io::Result<Acceptor> {
        let poll = Poll::new()?;
        listener.set_nonblocking(true)?;
        system::limit_unread(&listener, UNREAD)?;
        system::limit_unsent(&listener, UNSENT)?;
        poll.add(&listener, LISTENER)?;
        let places = usize::try_from(files.saturating_sub(OTHER_FILES) / 2).unwrap_or(usize::MAX);
        let most_connections = places.clamp(8, MOST_CONNECTIONS);
        let most_answers = most_connections.min(MOST_ANSWERS);
        Ok(Acceptor { shared, listener, poll, most_connections, most_answers, floor: Mutex::default() })
    }

    pub fn most_connections(&self) -> usize {
        self.most_connections
    }

    /// Accepts and hands out requests for ever.
    pub fn run(self: &Arc<Acceptor>) {
        let mut events = Vec::new();
        let mut looked = Instant::now();
        loop {
            let now = Instant::now();
            let all = self.poll.wait(&mut events, TICK);
            for event in events.iter().filter(|event| event.key != LISTENER) {
                self.wake(*event);
            }
            if events.iter().any(|event| event.key == LISTENER) {
                self.accept();
            }
            // What had come by then has been heard, however long this process stood still.
            if all && now.saturating_duration_since(looked) >= TICK {
                looked = now;
                let mut floor = self.floor();
                while let Some(waiting) = floor.idle.expire(looked) {
                    floor.close(&waiting);
                }
                // A thread that could not be started is tried again.
                self.staff(&mut floor);
            }
        }
    }

    fn floor(&self) -> MutexGuard<'_, Floor> {
        self.floor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the connections that have come.
    fn accept(self: &Arc<Acceptor>) {
        for _ in 0..ACCEPTS {
            match self.listener.accept() {
                Ok((socket, _)) => self.admit(socket),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // A client that left while it waited.
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
                Err(_) => {
                    // Out of files or memory: one that is not needed goes, and the others get a moment to end.
                    self.floor().give_up_one();
                    return thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }

    fn admit(self: &Arc<Acceptor>, socket: TcpStream) {
        count(&self.shared.ledger.totals.connections, 1);
        let mut floor = self.floor();
        if self.shared.is_draining() || (floor.open >= self.most_connections && !floor.give_up_one()) {
            return self.refuse(&mut floor, socket);
        }
        floor.open = floor.open.saturating_add(1);
        let socket = Arc::new(socket);
        let key = floor.idle.insert(Arc::clone(&socket), false, Instant::now() + FIRST);
        self.watch(&mut floor, &socket, key);
    }

    /// Lets the poll wait for an idle connection, unless it has been given up.
    fn watch(&self, floor: &mut Floor, socket: &TcpStream, key: u64) {
        if floor.idle.contains(key)
            && self.poll.add(socket, key).is_err()
            && let Some(waiting) = floor.idle.take(key)
        {
            floor.close(&waiting);
        }
    }

    /// Looks after a connection that has something to read.
    fn wake(self: &Arc<Acceptor>, event: Event) {
        let mut floor = self.floor();
        // It may have been given up since.
        let Some(waiting) = floor.idle.take(event.key) else {
            return;
        };
        let Waiting { connection: socket, answered, .. } = &waiting;
        if self.poll.remove(&**socket).is_err() || (event.hung_up && !matches!(has_closed(socket), Ok(false))) {
            floor.close(&waiting);
            return;
        }
        let own = socket.peer_addr().is_ok_and(|address| address.ip().to_canonical().is_loopback());
        let place = if own { floor.queue.iter().take_while(|request| request.own).count() } else { floor.queue.len() };
        floor.queue.insert(place, Request { socket: Arc::clone(socket), answered: *answered, own });
        self.staff(&mut floor);
    }

    /// Starts a thread when a request waits and there may be one more.
    fn staff(self: &Arc<Acceptor>, floor: &mut Floor) {
        if floor.queue.first().is_none_or(|request| floor.workers >= self.most_workers(request.own)) {
            return;
        }
        let acceptor = Arc::clone(self);
        if thread::Builder::new().stack_size(STACK).spawn(move || acceptor.work()).is_ok() {
            floor.workers += 1;
        }
    }

    fn most_workers(&self, own: bool) -> usize {
        if own { self.most_answers.saturating_add(MOST_OWN_ANSWERS) } else { self.most_answers }
    }

    /// Serves connections for as long as some wait for a thread.
    fn work(&self) {
        while let Some(request) = self.next() {
            if self.converse(&request.socket, request.answered) == Outcome::Ended {
                let mut floor = self.floor();
                floor.open = floor.open.saturating_sub(1);
            }
        }
    }

    /// Serves a connection. Returns `Idle` when it is idle, or was until it was given up.
    fn converse(&self, socket: &Arc<TcpStream>, answered: bool) -> Outcome {
        let Ok(mut connection) = Connection::new(&self.shared, socket, answered) else {
            return Outcome::Ended;
        };
        while connection.serve() == Outcome::Idle {
            // From now on it may be given up, also while this thread waits for more of it.
            let mut floor = self.floor();
            let until = Instant::now() + if connection.is_answered() { IDLE } else { FIRST };
            let key = floor.idle.insert(Arc::clone(socket), connection.is_answered(), until);
            let crowded = !floor.queue.is_empty();
            drop(floor);
            let more = !crowded && connection.await_more();
            let mut floor = self.floor();
            if !more {
                self.watch(&mut floor, socket, key);
                return Outcome::Idle;
            }
            if floor.idle.take(key).is_none() {
                return Outcome::Idle;
            }
        }
        Outcome::Ended
    }

    /// The request whose turn it is. Without one, the thread that asks has to end and is not counted any more.
    fn next(&self) -> Option<Request> {
        let mut floor = self.floor();
        if floor.queue.first().is_none_or(|request| floor.workers > self.most_workers(request.own)) {
            floor.workers = floor.workers.saturating_sub(1);
            return None;
        }
        Some(floor.queue.remove(0))
    }

    /// Tells a client to come back, by a thread of its own, for it has to read the request first.
    fn refuse(self: &Arc<Acceptor>, floor: &mut Floor, socket: TcpStream) {
        if floor.refusals >= MOST_REFUSALS {
            return;
        }
        let acceptor = Arc::clone(self);
        let work = move || {
            let _ = Connection::new(&acceptor.shared, &socket, false).and_then(|mut connection| connection.refuse());
            drop(socket);
            acceptor.floor().refusals -= 1;
        };
        if thread::Builder::new().stack_size(STACK).spawn(work).is_ok() {
            floor.refusals += 1;
        }
    }
}
