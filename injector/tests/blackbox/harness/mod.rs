//! What the tests are made with: a run on disk, the process, a client, and one who delivers.

pub mod client;
pub mod deliverer;
pub mod fixture;
pub mod process;
