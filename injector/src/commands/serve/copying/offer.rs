//! Whether an answer of the other registry is just what was asked for.

use crate::commands::reply::Reply;
use crate::server::http::content_range::Slice;

/// Checks that the body is the bytes from `offset` on of a content of `size` bytes, and its length said beforehand. The error says what is
/// wrong.
pub fn check(reply: &Reply, offset: u64, size: u64) -> Result<(), String> {
    let (expected, first) = if offset == 0 { (200, None) } else { (206, Some(offset)) };
    if reply.status != expected {
        return Err(format!("it was answered {}", reply.status));
    }
    let length = reply.only("Content-Length").filter(|length| length.bytes().all(|byte| byte.is_ascii_digit()));
    if reply.header("Transfer-Encoding").is_some() || length.and_then(|length| length.parse().ok()) != size.checked_sub(offset) {
        return Err(format!("its length is not said to be {}", size.saturating_sub(offset)));
    }
    let range = reply.only("Content-Range").and_then(|range| Slice::parse(range.as_bytes()));
    let expected = first.map(|first| Slice { first, last: size.saturating_sub(1), size });
    if range == expected { Ok(()) } else { Err("it was answered with another range".into()) }
}
