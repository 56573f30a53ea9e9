//! The parts of the injector, by noun. The binary is `main.rs`; this library exists so that tests and fuzz targets reach the parsers.

pub mod catalog;
pub mod commands;
pub mod delivery;
pub mod digest;
pub mod failure;
pub mod hex;
pub mod intake;
pub mod log;
pub mod names;
pub mod server;
pub mod system;
pub mod token;
