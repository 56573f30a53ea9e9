//! Copies from an earlier registry.

mod deliveries;
mod faults;
mod life;
mod registries;

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::client::Client;
use crate::fixture::{Fixture, path};
use crate::process::Injector;

/// How long another registry may be silent until a copy from it is given up.
pub const SILENCE: Duration = Duration::from_secs(30);

/// A catalog that lists blobs in the repository `demo`, and no parcel.
pub fn listing(blobs: &[&[u8]]) -> (Fixture, Vec<String>) {
    let mut fixture = Fixture::new();
    let digests = blobs.iter().map(|bytes| fixture.list(bytes)).collect();
    fixture.record("repository demo").write_parcels(&[]);
    (fixture, digests)
}

/// A registry that has blobs.
pub fn registry(blobs: &[&[u8]]) -> (Fixture, Injector) {
    let mut fixture = Fixture::new();
    blobs.iter().for_each(|bytes| drop(fixture.blob(bytes)));
    fixture.record("repository demo").write();
    let injector = Injector::serve(&fixture);
    injector.ready();
    (fixture, injector)
}

/// Starts `serve` with copies and without deliveries.
pub fn copy(fixture: &Fixture, from: SocketAddr) -> Injector {
    Injector::serve_to(fixture, &["--from", &from.to_string()])
}

pub fn blob(digest: &str) -> String {
    path(&format!("demo/blobs/{digest}"))
}

/// A client that asks for a blob and has read nothing yet.
pub fn ask(injector: &Injector, digest: &str) -> Client {
    let mut client = Client::new(injector.address());
    client.write(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", blob(digest)));
    client
}

/// The lines of some events, without the event before and the time behind.
pub fn told(injector: &Injector, event: &str) -> Vec<String> {
    let start = format!("jackal {event} ");
    let lines = injector.lines();
    let rest = lines.iter().filter_map(|line| line.strip_prefix(&start));
    rest.map(|line| line.split(" ms=").next().unwrap().to_string()).collect()
}

/// A gate that what passes by waits at, once for each time that the test opens it. Whoever waits when the test is over goes on.
pub fn gate() -> (Sender<()>, impl Fn() + Send + Sync + 'static) {
    let (open, gate): (_, Receiver<()>) = channel();
    let gate = Arc::new(Mutex::new(gate));
    // An error means that the test is over.
    (open, move || gate.lock().unwrap().recv().unwrap_or_default())
}
