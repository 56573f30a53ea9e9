//! `serve`: one thread takes chunks, one accepts and watches idle connections, one accepts deliveries, others answer, and the first waits
//! for the end.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crate::catalog::Catalog;
use crate::commands::arguments::ServeOptions;
use crate::delivery::port::{self, Port};
use crate::failure::{ExitCode, Failure};
use crate::intake::chunks;
use crate::intake::store::Store;
use crate::server::acceptor::Acceptor;
use crate::server::listen::Listen;
use crate::server::shared::Shared;
use crate::token::Token;
use crate::{log, system};

/// Stack of the threads that accept and that take chunks.
const STACK: usize = 256 << 10;

/// Serves until SIGTERM. Failures of the intake end the process from its thread.
pub fn run(options: &ServeOptions) -> Result<(), Failure> {
    let started = Instant::now();
    system::block_termination()?;
    let token = options.delivery.as_ref().map(|delivery| Token::read(&delivery.token)).transpose()?;
    let catalog = Catalog::read(&options.catalog)?;
    let store = Store::open(&options.store, &catalog)?;
    let deliveries = token.is_some();
    let shared = Arc::new(Shared::new(catalog, store, options.stall, deliveries));
    let listener = bind(options.listen)?;
    let address = local_address(&listener, options.listen)?;
    let files = system::raise_open_files().saturating_sub(if deliveries { port::FILES } else { 0 });
    let acceptor = Arc::new(Acceptor::new(Arc::clone(&shared), listener, files).map_err(|error| refused(options.listen, &error))?);
    let mut place = String::new();
    let mut port = None;
    if let (Some(delivery), Some(token)) = (&options.delivery, token) {
        let listener = bind(delivery.listen)?;
        place = format!(" delivery={}", local_address(&listener, delivery.listen)?);
        port = Some(Arc::new(Port::new(Arc::clone(&shared), token, listener).map_err(|error| refused(delivery.listen, &error))?));
    }
    log::event(format_args!(
        "listening address={address} contents={} missing={} parcels={} connections={}{place}",
        shared.catalog.contents.len(),
        shared.store.missing(),
        shared.catalog.parcels.len(),
        acceptor.most_connections(),
    ));
    start("accept", move || acceptor.run())?;
    if let Some(port) = port {
        start("deliveries", move || port.run())?;
    }
    let (directory, intake) = (options.chunks.clone(), Arc::clone(&shared));
    start("intake", move || match chunks::take(&intake.catalog, &intake.store, &directory, deliveries) {
        Ok(()) => {
            intake.be_ready();
            log::event(format_args!("ready contents={} ms={}", intake.catalog.contents.len(), started.elapsed().as_millis()));
        }
        Err(failure) => log::fatal(&failure),
    })?;
    system::await_termination();
    shared.drain();
    log::last(format_args!("stopped {} ms={}", shared.ledger.summary(), started.elapsed().as_millis()))
}

fn refused(place: Listen, error: &std::io::Error) -> Failure {
    Failure::new(ExitCode::ListenFailed, format!("Port {place} cannot be listened on: {error}."))
}

fn bind(place: Listen) -> Result<TcpListener, Failure> {
    place.bind().map_err(|error| refused(place, &error))
}

fn local_address(listener: &TcpListener, place: Listen) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| refused(place, &error))
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    match thread::Builder::new().name(name.into()).stack_size(STACK).spawn(work) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(ExitCode::Internal, format!("The {name} thread cannot be started: {error}."))),
    }
}
