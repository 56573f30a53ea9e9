//! A body on its way in from a connection.

use std::io::{self, ErrorKind};
use std::time::Duration;

use crate::server::http::wire::Wire;

/// Bytes taken at a time.
const PIECE: usize = 128 << 10;
/// How long a body may bring no byte.
const STALL: Duration = Duration::from_secs(60);

/// Takes a body of `length` bytes, of which the first `known` are here: they are read past. `keep` is given the others as they come.
/// Fails when the body is cut off.
pub fn take(wire: &mut Wire, piece: &mut Vec<u8>, length: u64, known: u64, keep: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    piece.resize(PIECE, 0);
    let (mut left, mut skip) = (length, known);
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let count = match wire.take(piece.get_mut(..most).unwrap_or_default(), STALL) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        left = left.saturating_sub(count as u64);
        let skipped = skip.min(count as u64);
        skip -= skipped;
        let news = piece.get(usize::try_from(skipped).unwrap_or(count)..count).unwrap_or_default();
        if !news.is_empty() {
            keep(news);
        }
    }
    Ok(())
}
