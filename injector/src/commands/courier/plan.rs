//! The plan: which pieces a courier brings, in their order. A flat table like the catalog.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::catalog::Chunk;
use crate::catalog::fields;
use crate::digest::Digest;
use crate::failure::{ExitCode, Failure};

/// More than any ConfigMap can carry (1 MiB); a larger file is a mistake.
const LARGEST_PLAN: u64 = 8 << 20;
/// A piece is read as a whole, and is a ConfigMap's key, which has no more than 1 MiB.
const LARGEST_PIECE: u64 = 4 << 20;

#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    pub pieces: Vec<Piece>,
    /// Whether the registry is told then that nothing more is going to be delivered.
    pub last: bool,
}

/// A chunk file whose bytes are those of a content from `offset` on.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    pub digest: Digest,
    /// Bytes of the whole content.
    pub size: u64,
    pub offset: u64,
    pub chunk: Chunk,
}

impl Piece {
    /// The byte behind its last one.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.chunk.size)
    }
}

impl Plan {
    /// Reads and checks a plan. Fails with exit code `plan`, naming the line.
    pub fn read(path: &Path) -> Result<Plan, Failure> {
        let refused = |reason: String| Failure::new(ExitCode::Plan, format!("The plan {} {reason}.", path.display()));
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(LARGEST_PLAN.saturating_add(1)).read_to_end(&mut bytes));
        read.map_err(|error| refused(format!("cannot be read: {error}")))?;
        Plan::parse(&bytes).map_err(|reason| refused(format!("is refused: {reason}")))
    }

    /// Reads a plan from its bytes. The error says the line and what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Plan, String> {
        if bytes.len() as u64 > LARGEST_PLAN {
            return Err(format!("it is larger than {LARGEST_PLAN} bytes"));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| format!("byte {} is not UTF-8", error.valid_up_to()))?;
        let mut lines: Vec<&str> = fields::records(text, "jackal-plan 1")?.collect();
        let last = lines.pop_if(|line| *line == "last").is_some();
        let pieces =
            lines.into_iter().enumerate().map(|(place, line)| record(line).map_err(|reason| format!("line {}: {reason}", place + 2)));
        Ok(Plan { pieces: pieces.collect::<Result<_, _>>()?, last })
    }
}

fn record(line: &str) -> Result<Piece, String> {
    let parts: Vec<&str> = line.split(' ').collect();
    let ["piece", digest, size, offset, path, length, hex] = parts.as_slice() else {
        return Err(format!("{line:?} is no piece"));
    };
    let chunk = fields::chunk(path, length, hex)?;
    let piece = Piece { digest: fields::digest(digest)?, size: fields::size(size)?, offset: fields::size(offset)?, chunk };
    if piece.chunk.size == 0 || piece.chunk.size > LARGEST_PIECE || piece.end() > piece.size {
        return Err(format!("no {} bytes from byte {} on of {} bytes can be one piece", piece.chunk.size, piece.offset, piece.size));
    }
    Ok(piece)
}
