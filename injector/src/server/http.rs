//! HTTP/1.1 as much as is spoken here: request heads, ranges, queries, answers.

pub mod content_range;
pub mod head;
pub mod preference;
pub mod query;
pub mod range;
pub mod response;
pub mod wire;
