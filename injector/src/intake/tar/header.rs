//! One header block: ustar and old tar, numbers in octal or in GNU's base 256.

use super::BLOCK;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Regular,
    Extension,
    GlobalExtension,
    Other(u8),
}

pub struct Header {
    pub kind: Kind,
    pub path: Vec<u8>,
    pub size: u64,
}

impl Header {
    pub fn read(block: &[u8; BLOCK]) -> Result<Header, &'static str> {
        let field = |from: usize, length: usize| block.get(from..from + length).unwrap_or_default();
        let checksum = field(148, 8);
        let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
        // The checksum counts its own field as spaces.
        let own: u64 = checksum.iter().map(|byte| u64::from(*byte)).sum();
        if number(checksum) != Some(sum - own + 8 * u64::from(b' ')) {
            return Err("a header with a wrong checksum");
        }
        let kind = match field(156, 1) {
            b"0" | b"\0" => Kind::Regular,
            b"x" => Kind::Extension,
            b"g" => Kind::GlobalExtension,
            other => Kind::Other(other.first().copied().unwrap_or_default()),
        };
        let prefix = if field(257, 6) == b"ustar\0" { text(field(345, 155)) } else { &[] };
        let mut path = prefix.to_vec();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(text(field(0, 100)));
        let size = number(field(124, 12)).filter(|size| *size <= i64::MAX as u64).ok_or("a header with a malformed size")?;
        Ok(Header { kind, path, size })
    }
}

/// A field's bytes before the first NUL.
fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Octal digits with spaces around and spaces or NULs behind; or, with the first bit set, a big-endian number.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if *first == 0x80 {
        return rest.iter().try_fold(0u64, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)));
    }
    let digits = text(field).trim_ascii();
    let octal = |value: u64, digit: &u8| match digit {
        b'0'..=b'7' => value.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    };
    if digits.is_empty() { None } else { digits.iter().try_fold(0, octal) }
}
