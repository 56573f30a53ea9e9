//! The grammars of the distribution specification for names that reach answers and log lines.

/// A media type or artifact type: `type/subtype` of plain token characters, so that it can stand in a header as it is.
pub fn check_media_type(text: &str) -> Result<(), String> {
    let token = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte));
    match text.split_once('/') {
        Some((kind, subtype)) if token(kind) && token(subtype) && text.len() <= 255 => Ok(()),
        _ => Err(format!("{text:?} is no media type")),
    }
}

/// Lower-case parts of letters and digits, joined by `.`, `_`, `__` or dashes, with slashes between them.
pub fn check_repository(text: &str) -> Result<(), String> {
    if text.len() <= 255 && text.split('/').all(is_part) { Ok(()) } else { Err(format!("{text:?} is no repository name")) }
}

fn is_part(part: &str) -> bool {
    let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = part.as_bytes().first().is_some_and(alphanumeric) && part.as_bytes().last().is_some_and(alphanumeric);
    let separators = part.split(|letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    ends && separators.into_iter().all(|run| matches!(run, "" | "." | "_" | "__") || run.bytes().all(|byte| byte == b'-'))
}

/// Up to 128 word characters, dots and dashes, the first one a word character.
pub fn check_tag(text: &str) -> Result<(), String> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let valid =
        text.bytes().next().is_some_and(word) && text.len() <= 128 && text.bytes().all(|byte| word(byte) || byte == b'.' || byte == b'-');
    if valid { Ok(()) } else { Err(format!("{text:?} is no tag")) }
}

/// `algorithm:encoded` as the image specification spells it, whatever the algorithm.
pub fn is_foreign_digest(text: &str) -> bool {
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+._-".contains(&byte);
    match text.split_once(':') {
        Some(("sha256", _)) | None => false,
        Some(("sha512", hex)) => hex.len() == 128 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        Some((algorithm, encoded)) => {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"=_-".contains(&byte);
            !algorithm.is_empty() && algorithm.bytes().all(lower) && !encoded.is_empty() && encoded.bytes().all(plain)
        }
    }
}
