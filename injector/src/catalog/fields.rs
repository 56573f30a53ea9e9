//! What the records of flat tables are made of.

use super::Chunk;
use crate::digest::Digest;

/// The records between the first line, which is given, and the last one, which is `end`.
pub fn records<'text>(text: &'text str, first: &str) -> Result<std::str::SplitTerminator<'text, char>, String> {
    let body = text.strip_prefix(first).and_then(|rest| rest.strip_prefix('\n')).ok_or_else(|| format!("line 1 is not {first:?}"))?;
    let body = body.strip_suffix("end\n").filter(|body| body.is_empty() || body.ends_with('\n'));
    Ok(body.ok_or("its last line is not \"end\"")?.split_terminator('\n'))
}

pub fn digest(text: &str) -> Result<Digest, String> {
    Digest::parse(text).ok_or_else(|| format!("{text:?} is not sha256: and 64 lower-case hex digits"))
}

pub fn size(text: &str) -> Result<u64, String> {
    // u64's own parser takes a plus sign, which no table holds.
    let size = if text.starts_with('+') { None } else { text.parse().ok() };
    // Offsets of files are signed.
    size.filter(|size| *size <= i64::MAX as u64).ok_or_else(|| format!("{text:?} is no size"))
}

/// A chunk by its relative path, its size and its digest's hex digits.
pub fn chunk(path: &str, bytes: &str, hex: &str) -> Result<Chunk, String> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.chars().any(char::is_control);
    if !path.split('/').all(plain) {
        return Err(format!("{path:?} is no plain relative path"));
    }
    let digest = Digest::from_hex(hex).ok_or_else(|| format!("{hex:?} is not 64 lower-case hex digits"))?;
    Ok(Chunk { path: path.into(), size: size(bytes)?, digest })
}
