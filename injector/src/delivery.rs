//! The delivery port: who knows the token brings the bytes of contents, and hears which ones are waited for.

mod answer;
mod body;
mod feed;
pub mod port;
pub mod request;
mod session;
