//! The delivery port.

mod catalogs;
mod feeds;
mod last;
mod life;
mod memory;
mod slices;
mod trust;

use crate::client::Client;
use crate::fixture::{Fixture, path};
use crate::process::Injector;

/// A run whose blobs come by delivery only.
pub fn started(blobs: &[&[u8]]) -> (Fixture, Injector, Vec<String>) {
    let mut fixture = Fixture::new();
    let digests = blobs.iter().map(|bytes| fixture.list(bytes)).collect();
    fixture.record("repository demo").write_parcels(&[]);
    let injector = Injector::serve_deliveries(&fixture);
    injector.ready();
    (fixture, injector, digests)
}

/// A client that asks for a blob and has read nothing yet.
pub fn ask(injector: &Injector, blob: &str) -> Client {
    let mut client = Client::new(injector.address());
    client.write(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path(&format!("demo/blobs/{blob}"))));
    client
}
