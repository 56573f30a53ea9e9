//! `serve`: one thread takes chunks, some copy from an earlier registry, one accepts and watches idle connections, one accepts deliveries,
//! others answer, and the first waits for the end.

pub mod copying;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crate::catalog::Catalog;
use crate::commands::arguments::{DeliveryOptions, ServeOptions};
use crate::delivery::port::{self, Port};
use crate::failure::{ExitCode, Failure};
use crate::intake::chunks;
use crate::intake::store::Place;
use crate::server::acceptor::Acceptor;
use crate::server::demands::Demands;
use crate::server::ledger::Ledger;
use crate::server::listen::Listen;
use crate::server::opening::Opening;
use crate::server::shared::Shared;
use crate::token::Token;
use crate::{log, system};

/// Stack of the threads that accept and that take chunks.
const STACK: usize = 256 << 10;

/// Serves until SIGTERM. Failures of the intake, and of what a catalog that is delivered brings about, end the process from their thread.
pub fn run(options: ServeOptions) -> Result<(), Failure> {
    let started = Instant::now();
    system::block_termination()?;
    let files = system::raise_open_files();
    let delivery = options.delivery.map(Delivery::new).transpose()?;
    let (catalog, chunks) = options.mount.map(|mount| (mount.catalog, mount.chunks)).unzip();
    let pulls = Pulls {
        listen: options.listen,
        chunks,
        delivery: delivery.as_ref().map(|delivery| delivery.address),
        from: options.from,
        files: files.saturating_sub(if delivery.is_some() { port::FILES } else { 0 }).saturating_sub(if options.from.is_some() {
            copying::FILES
        } else {
            0
        }),
        started,
    };
    let copies = options.from.is_some();
    let demands = (delivery.is_some() || copies).then(|| Arc::new(Demands::new(copies)));
    let place = Place { directory: options.store, durable: options.durable };
    let opening = Arc::new(Opening::new(place, options.stall, demands.clone(), Box::new(move |shared| pulls.begin(shared))));
    match catalog {
        Some(catalog) => opening.open(Catalog::read(&catalog)?)?,
        None => opening.resume()?,
    }
    if let (Some(Delivery { listen, listener, address, token }), Some(demands)) = (delivery, demands) {
        let port = Port::new(Arc::clone(&opening), demands, token, listener).map_err(|error| refused(listen, &error))?;
        if opening.registry().is_none() {
            log::event(format_args!("awaiting delivery={address}"));
        }
        start("deliveries", move || Arc::new(port).run())?;
    }
    system::await_termination();
    opening.registry().inspect(|shared| shared.drain());
    let totals = opening.registry().map_or_else(|| Ledger::default().summary(), |shared| shared.ledger.summary());
    log::last(format_args!("stopped {totals} ms={}", started.elapsed().as_millis()))
}

/// What the delivery port is made of.
struct Delivery {
    listen: Listen,
    listener: TcpListener,
    address: SocketAddr,
    token: Token,
}

impl Delivery {
    fn new(options: DeliveryOptions) -> Result<Delivery, Failure> {
        let token = Token::read(&options.token)?;
        let (listener, address) = bind(options.listen)?;
        Ok(Delivery { listen: options.listen, listener, address, token })
    }
}

/// The part that clients pull from.
struct Pulls {
    listen: Listen,
    /// None when the catalog is delivered: it lists no chunk.
    chunks: Option<PathBuf>,
    delivery: Option<SocketAddr>,
    /// From where contents are copied.
    from: Option<SocketAddr>,
    /// How many may be open.
    files: u64,
    started: Instant,
}

impl Pulls {
    /// Begins to accept, and to take chunks.
    fn begin(&self, shared: &Arc<Shared>) -> Result<(), Failure> {
        let (listener, address) = bind(self.listen)?;
        let acceptor = Acceptor::new(Arc::clone(shared), listener, self.files).map_err(|error| refused(self.listen, &error))?;
        log::event(format_args!(
            "listening address={address} contents={} missing={} parcels={} connections={}{}",
            shared.catalog.contents.len(),
            shared.store.missing(),
            shared.catalog.parcels.len(),
            acceptor.most_connections(),
            self.delivery.map(|address| format!(" delivery={address}")).unwrap_or_default(),
        ));
        start("accept", move || Arc::new(acceptor).run())?;
        let (shared, started, deliveries, from) = (Arc::clone(shared), self.started, self.delivery.is_some(), self.from);
        let directory = self.chunks.clone().unwrap_or_default();
        start("intake", move || match take_in(&shared, &directory, deliveries, from) {
            Ok(()) => {
                // Whoever hears that it is ready finds the line.
                log::event(format_args!("ready contents={} ms={}", shared.catalog.contents.len(), started.elapsed().as_millis()));
                shared.be_ready();
                log::must(shared.give_up_undelivered());
            }
            Err(failure) => log::fatal(&failure),
        })
    }
}

/// Takes what the chunks hold and, beside it, copies what an earlier registry has. What is missing then, and cannot be delivered, is
/// looked for in the chunks that an earlier process had taken. What nobody brings is not held any longer when it might have been copied.
fn take_in(shared: &Shared, chunks: &Path, deliveries: bool, from: Option<SocketAddr>) -> Result<(), Failure> {
    let taken = shared.store.position(&shared.catalog.identity);
    thread::scope(|scope| {
        if let (Some(from), Some(demands)) = (from, &shared.demands) {
            let copy = move || copying::run(shared, demands, from);
            let copier = thread::Builder::new().name("copying".into()).stack_size(STACK).spawn_scoped(scope, copy);
            copier.map_err(|error| unstarted("copying", &error))?;
        }
        // A failure does not wait for the copies.
        log::must(chunks::take(&shared.catalog, &shared.store, chunks, deliveries || from.is_some()));
        Ok(())
    })?;
    if from.is_some() {
        if !deliveries {
            chunks::take_what_is_left(&shared.catalog, &shared.store, chunks, taken)?;
        }
        let brought = |place: usize| deliveries && shared.catalog.contents.get(place).is_some_and(|content| !content.replaced);
        for digest in shared.store.give_up(|place| !brought(place))? {
            log::event(format_args!("unavailable digest={digest}"));
        }
    }
    Ok(())
}

fn refused(place: Listen, error: &std::io::Error) -> Failure {
    Failure::new(ExitCode::ListenFailed, format!("Port {place} cannot be listened on: {error}."))
}

/// Listens, and says at which address.
fn bind(place: Listen) -> Result<(TcpListener, SocketAddr), Failure> {
    let bound = place.bind().and_then(|listener| listener.local_addr().map(|address| (listener, address)));
    bound.map_err(|error| refused(place, &error))
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    match thread::Builder::new().name(name.into()).stack_size(STACK).spawn(work) {
        Ok(_) => Ok(()),
        Err(error) => Err(unstarted(name, &error)),
    }
}

fn unstarted(name: &str, error: &std::io::Error) -> Failure {
    Failure::new(ExitCode::Internal, format!("The {name} thread cannot be started: {error}."))
}
