//! The Range header: one range of bytes, or nothing that is acted on.

/// What a Range header means for content of a known size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// No range, several ranges, or nothing that can be understood: a server may send the whole (RFC 9110, 14.2).
    Whole,
    /// Bytes from `start` up to, not including, `end`; never empty.
    Part {
        start: u64,
        end: u64,
    },
    Unsatisfiable,
}

/// Reads a header value against the size. Empty content has no parts: it is sent whole.
pub fn select(value: Option<&[u8]>, size: u64) -> Selection {
    match value.and_then(parse) {
        _ if size == 0 => Selection::Whole,
        None => Selection::Whole,
        Some(Range::Last(0)) => Selection::Unsatisfiable,
        Some(Range::Last(count)) => Selection::Part { start: size.saturating_sub(count), end: size },
        Some(Range::From(start, _)) if start >= size => Selection::Unsatisfiable,
        Some(Range::From(start, last)) => Selection::Part { start, end: last.map_or(size, |last| last.saturating_add(1).min(size)) },
    }
}

enum Range {
    From(u64, Option<u64>),
    Last(u64),
}

fn parse(value: &[u8]) -> Option<Range> {
    let text = std::str::from_utf8(value).ok()?.trim_ascii();
    let (unit, set) = text.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = set.trim_ascii().split_once('-')?;
    match (first, last) {
        ("", last) => Some(Range::Last(number(last)?)),
        (first, "") => Some(Range::From(number(first)?, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if first <= last { Some(Range::From(first, Some(last))) } else { None }
        }
    }
}

/// Digits only; a number beyond what counts in bytes is as good as the largest.
fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}
