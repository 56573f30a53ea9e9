//! The Content-Range of a request: which bytes of how many its body is (RFC 9110, 14.4).

/// Bytes `first..=last` of `size`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    pub first: u64,
    pub last: u64,
    pub size: u64,
}

impl Slice {
    /// Reads `bytes <first>-<last>/<size>`, where all three are given and go together.
    pub fn parse(value: &[u8]) -> Option<Slice> {
        let (unit, rest) = std::str::from_utf8(value).ok()?.split_once(' ')?;
        let (range, size) = rest.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let slice = Slice { first: number(first)?, last: number(last)?, size: number(size)? };
        let sound = unit.eq_ignore_ascii_case("bytes") && slice.first <= slice.last && slice.last < slice.size;
        sound.then_some(slice)
    }

    /// The byte behind the last one.
    pub fn end(&self) -> u64 {
        self.last.saturating_add(1)
    }

    pub fn length(&self) -> u64 {
        self.end().saturating_sub(self.first)
    }
}

/// Digits only: u64's own parser takes a plus sign.
fn number(digits: &str) -> Option<u64> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}
