//! `serve`: one thread takes chunks, one accepts, one serves each connection, and the first waits for the end.

use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::arguments::ServeOptions;
use crate::catalog::Catalog;
use crate::failure::{ExitCode, Failure};
use crate::ledger::{Ledger, count};
use crate::store::Store;
use crate::{chunks, connection, log, system};

/// Most connections that are served at once; each has its own thread.
const MOST_CONNECTIONS: usize = 1024;
/// Connections beyond that are told to come back, this many at a time; further ones are closed.
const MOST_REFUSALS: usize = 64;
/// Stack of a connection's thread.
const STACK: usize = 64 << 10;
/// Stack of the intake's thread.
const INTAKE_STACK: usize = 256 << 10;
/// How long the kubelet's question whether all is verified is held before it is answered with no. Else the kubelet, which asks once in a
/// second, would learn of it half a second late. Less than the probe's timeout.
const READINESS_PATIENCE: Duration = Duration::from_secs(4);
/// How long answers may go on after SIGTERM; with it the process ends within 2 s.
const DRAIN: Duration = Duration::from_millis(1500);

/// What all connections share.
pub struct Server {
    pub catalog: Catalog,
    pub store: Store,
    pub ledger: Ledger,
    /// How long a client may take no byte.
    pub stall: Duration,
    limit: usize,
    connections: AtomicUsize,
    draining: AtomicBool,
    active: Mutex<usize>,
    idle: Condvar,
}

/// Serves until SIGTERM. Failures of the intake end the process from its thread.
pub fn run(options: &ServeOptions) -> Result<(), Failure> {
    let started = Instant::now();
    system::block_termination()?;
    let catalog = Catalog::read(&options.catalog)?;
    let store = Store::open(&options.store, &catalog)?;
    let refused = |error| Failure::new(ExitCode::ListenFailed, format!("Port {} cannot be listened on: {error}.", options.listen));
    let listener = TcpListener::bind(options.listen).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    // A connection needs its socket and one file.
    let files = usize::try_from(system::raise_open_files()).unwrap_or(usize::MAX);
    let limit = (files.saturating_sub(32) / 2).clamp(8, MOST_CONNECTIONS);
    let server = Arc::new(Server::new(catalog, store, options.stall, limit));
    log::event(format_args!(
        "listening address={address} contents={} missing={} parcels={} connections={limit}",
        server.catalog.contents.len(),
        server.store.missing(),
        server.catalog.parcels.len(),
    ));
    start("accept", INTAKE_STACK, Arc::clone(&server), move |server| accept(server, &listener))?;
    let directory = options.chunks.clone();
    start("intake", INTAKE_STACK, Arc::clone(&server), move |server| match chunks::take(&server.catalog, &server.store, &directory) {
        Ok(()) => log::event(format_args!("ready contents={} ms={}", server.catalog.contents.len(), started.elapsed().as_millis())),
        Err(failure) => log::fatal(&failure),
    })?;
    system::await_termination();
    server.drain();
    log::last(format_args!("stopped {} ms={}", server.ledger.summary(), started.elapsed().as_millis()))
}

fn start(name: &str, stack: usize, server: Arc<Server>, work: impl FnOnce(&Arc<Server>) + Send + 'static) -> Result<(), Failure> {
    let thread = thread::Builder::new().name(name.into()).stack_size(stack).spawn(move || work(&server));
    match thread {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(ExitCode::Internal, format!("The {name} thread cannot be started: {error}."))),
    }
}

fn accept(server: &Arc<Server>, listener: &TcpListener) {
    loop {
        match listener.accept() {
            Ok((socket, _)) => server.take(socket),
            // Out of files or memory, or a client that left while it waited: give others a moment to end.
            Err(_) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

impl Server {
    fn new(catalog: Catalog, store: Store, stall: Duration, limit: usize) -> Server {
        Server {
            catalog,
            store,
            ledger: Ledger::default(),
            stall,
            limit,
            connections: AtomicUsize::new(0),
            draining: AtomicBool::new(false),
            active: Mutex::new(0),
            idle: Condvar::new(),
        }
    }

    /// Gives a connection its thread.
    fn take(self: &Arc<Server>, socket: TcpStream) {
        count(&self.ledger.totals.connections, 1);
        let number = self.connections.fetch_add(1, Ordering::AcqRel);
        let refused = number >= self.limit || self.is_draining();
        if number >= self.limit.saturating_add(MOST_REFUSALS) {
            self.connections.fetch_sub(1, Ordering::AcqRel);
            return;
        }
        let server = Arc::clone(self);
        let work = move || {
            connection::run(&server, &socket, refused);
            drop(socket);
            server.connections.fetch_sub(1, Ordering::AcqRel);
        };
        if thread::Builder::new().stack_size(STACK).spawn(work).is_err() {
            self.connections.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Waits for every content to be verified, for a while, and returns whether all are.
    pub fn await_ready(&self) -> bool {
        self.store.await_whole(READINESS_PATIENCE) && !self.is_draining()
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Whether so many connections are open that idle ones should end soon.
    pub fn is_crowded(&self) -> bool {
        self.connections.load(Ordering::Acquire) > self.limit / 4 * 3
    }

    pub fn ledger_request(&self) {
        count(&self.ledger.totals.requests, 1);
    }

    /// Counts a request as being answered until the returned value is dropped.
    pub fn begin_request(&self) -> Active<'_> {
        self.ledger_request();
        *self.active.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Active(self)
    }

    /// Lets answers that are under way come to their end, for a while; answers that wait for content end at once.
    fn drain(&self) {
        self.draining.store(true, Ordering::Release);
        self.store.close();
        let active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.idle.wait_timeout_while(active, DRAIN, |active| *active > 0));
    }
}

/// A request that is being answered.
pub struct Active<'run>(&'run Server);

impl Drop for Active<'_> {
    fn drop(&mut self) {
        let mut active = self.0.active.lock().unwrap_or_else(PoisonError::into_inner);
        *active = active.saturating_sub(1);
        self.0.idle.notify_all();
    }
}
