//! What the tests are made with: a run on disk, the process, a client.

pub mod client;
pub mod fixture;
pub mod process;
