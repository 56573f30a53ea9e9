//! The parts of the injector, by noun. The binary is `main.rs`; this library exists so that tests and fuzz targets reach the parsers.

pub mod acceptor;
pub mod arguments;
pub mod catalog;
pub mod chunks;
pub mod connection;
pub mod delivery;
pub mod digest;
pub mod failure;
pub mod hold;
pub mod http;
pub mod idle;
pub mod ledger;
pub mod listen;
pub mod log;
pub mod names;
pub mod probe;
pub mod registry;
pub mod serve;
pub mod shared;
pub mod store;
pub mod system;
pub mod tar;
pub mod transfer;
