//! What the tests are made with: a run on disk, the process, a client, one who delivers, a registry that is copied
//! from, rounds that keep to a clock, and ports of one's own.

pub mod client;
pub mod deliverer;
pub mod fixture;
pub mod other;
pub mod process;
pub mod punctual;
pub mod refusals;
pub mod reserved;
