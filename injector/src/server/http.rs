//! HTTP/1.1 as much as a pull-only registry needs: request heads, ranges, queries, answers.

pub mod head;
pub mod query;
pub mod range;
pub mod response;
