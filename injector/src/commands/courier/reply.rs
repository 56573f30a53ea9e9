//! Answers of a delivery port: a status and a few headers, never a body.

use std::io::{self, ErrorKind, Read};

use crate::commands::probe::read_status;

/// Longest head of an answer; those of a delivery port are below 300 bytes.
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

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim_ascii())
    }
}
