//! `serve`: one thread takes chunks, one accepts and watches idle connections, others answer, and the first waits for the end.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crate::acceptor::Acceptor;
use crate::arguments::ServeOptions;
use crate::catalog::Catalog;
use crate::failure::{ExitCode, Failure};
use crate::shared::Shared;
use crate::store::Store;
use crate::{chunks, log, system};

/// Stack of the threads that accept and that take chunks.
const STACK: usize = 256 << 10;

/// Serves until SIGTERM. Failures of the intake end the process from its thread.
pub fn run(options: &ServeOptions) -> Result<(), Failure> {
    let started = Instant::now();
    system::block_termination()?;
    let catalog = Catalog::read(&options.catalog)?;
    let store = Store::open(&options.store, &catalog)?;
    let shared = Arc::new(Shared::new(catalog, store, options.stall));
    let refused = |error| Failure::new(ExitCode::ListenFailed, format!("Port {} cannot be listened on: {error}.", options.listen));
    let listener = options.listen.bind().map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let acceptor = Arc::new(Acceptor::new(Arc::clone(&shared), listener, system::raise_open_files()).map_err(refused)?);
    log::event(format_args!(
        "listening address={address} contents={} missing={} parcels={} connections={}",
        shared.catalog.contents.len(),
        shared.store.missing(),
        shared.catalog.parcels.len(),
        acceptor.most_connections(),
    ));
    start("accept", move || acceptor.run())?;
    let (directory, intake) = (options.chunks.clone(), Arc::clone(&shared));
    start("intake", move || match chunks::take(&intake.catalog, &intake.store, &directory) {
        Ok(()) => log::event(format_args!("ready contents={} ms={}", intake.catalog.contents.len(), started.elapsed().as_millis())),
        Err(failure) => log::fatal(&failure),
    })?;
    system::await_termination();
    shared.drain();
    log::last(format_args!("stopped {} ms={}", shared.ledger.summary(), started.elapsed().as_millis()))
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    match thread::Builder::new().name(name.into()).stack_size(STACK).spawn(work) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(ExitCode::Internal, format!("The {name} thread cannot be started: {error}."))),
    }
}
