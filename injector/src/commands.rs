//! What the binary can be told to do, one module a command, and how it is told.

pub mod arguments;
pub mod courier;
pub mod hold;
pub mod probe;
pub mod relay;
pub mod reply;
pub mod serve;
pub mod version;
