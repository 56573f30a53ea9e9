//! The registry over HTTP: who is served when, what is asked, and what is sent.

pub mod acceptor;
pub mod connection;
pub mod demands;
pub mod http;
pub mod idle;
pub mod ledger;
pub mod listen;
pub mod opening;
pub mod pull;
pub mod registry;
pub mod shared;
pub mod transfer;
