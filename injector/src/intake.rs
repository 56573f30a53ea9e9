//! What comes in: chunks are joined to tars, and what was in them is verified and kept.

pub mod chunks;
pub mod store;
pub mod tar;
