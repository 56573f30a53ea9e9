//! What the tests are made with: a run on disk, the process, a client, one who delivers, and a registry that is copied from.

pub mod client;
pub mod deliverer;
pub mod fixture;
pub mod other;
pub mod process;
