//! The heads of answers that other servers give: a status and a few headers.

use std::io::{self, ErrorKind, Read};

/// Longest head of an answer; those of a delivery port are below 300 bytes, and those of a registry below 600.
const LONGEST: usize = 4 << 10;
/// Bytes read at a time.
const PIECE: usize = 512;

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    head: String,
}

impl Reply {
    /// Reads one answer. `unread` holds what was read behind the one before.
    pub fn read(source: &mut impl Read, unread: &mut Vec<u8>) -> io::Result<Reply> {
        let end = loop {
            if let Some(place) = unread.windows(4).position(|window| window == b"\r\n\r\n") {
                break place.saturating_add(4);
            }
            if unread.len() > LONGEST {
                return Err(ErrorKind::InvalidData.into());
            }
            let mut piece = [0; PIECE];
            match source.read(&mut piece) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => unread.extend_from_slice(piece.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        let head: Vec<u8> = unread.drain(..end).collect();
        Reply::parse(&head).ok_or_else(|| ErrorKind::InvalidData.into())
    }

    /// Reads a whole head.
    pub fn parse(head: &[u8]) -> Option<Reply> {
        Some(Reply { status: read_status(head)?, head: std::str::from_utf8(head).ok()?.into() })
    }

    /// The value of the first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// The value of a header that has to be there exactly once.
    pub fn only(&self, name: &str) -> Option<&str> {
        let mut values = self.values(name);
        values.next().filter(|_| values.next().is_none())
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        fields.filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim_ascii())
    }
}

/// The status of an answer that begins with a whole HTTP/1 status line.
pub fn read_status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\n').next().filter(|line| line.len() < answer.len())?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (b"HTTP/1.0 " | b"HTTP/1.1 ", rest) = line.split_at_checked(9)? else {
        return None;
    };
    let (digits, behind) = rest.split_first_chunk::<3>()?;
    let plain = matches!(behind, [] | [b' ', ..]) && digits.iter().all(u8::is_ascii_digit);
    let value = digits.iter().fold(0, |value: u16, digit| value * 10 + u16::from(digit & 15));
    if plain && value >= 100 { Some(value) } else { None }
}
