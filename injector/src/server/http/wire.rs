//! HTTP over one socket: heads in, bodies read past, and an end that lets the other side read its answer.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::server::http::head::{self, Body, LONGEST_HEAD};
use crate::server::http::response::{Answer, Status};

/// How long a head may take from its first byte on.
const HEAD: Duration = Duration::from_secs(10);
/// How long a body that nobody needs may take in all.
const SKIP: Duration = Duration::from_secs(10);
/// How long the rest of a refused request is thrown away, so that the client gets the answer and not a reset.
const LINGER: Duration = Duration::from_secs(2);
/// Longest request body that is read past when nobody needs it.
const LONGEST_BODY: u64 = 64 << 10;
/// Bytes read at a time, and the buffer that an idle connection keeps.
const PIECE: usize = 4 << 10;
/// How long to look for what has come when the time is over, and how often: that may be a whole head, after this process stood still.
const LAST_LOOK: Duration = Duration::from_millis(1);
const LAST_LOOKS: usize = LONGEST_HEAD / PIECE;

/// What a wait for a request came to.
pub enum Heard {
    /// A head, of that many bytes.
    Head(usize),
    Refuse(Answer),
    /// Nothing came in time.
    Silence,
    Ended,
}

pub struct Wire<'run> {
    socket: &'run TcpStream,
    /// Bytes that were read and not yet used.
    buffer: Vec<u8>,
    /// The socket's read timeout.
    patience: Duration,
}

impl<'run> Wire<'run> {
    /// Prepares a socket. `stall` is how long the other side may take no byte.
    pub fn new(socket: &'run TcpStream, stall: Duration) -> io::Result<Wire<'run>> {
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(stall))?;
        Ok(Wire { socket, buffer: Vec::new(), patience: Duration::ZERO })
    }

    pub fn socket(&self) -> &'run TcpStream {
        self.socket
    }

    /// Whether nothing was read that is not used.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The first bytes that were read.
    pub fn first(&self, length: usize) -> &[u8] {
        self.buffer.get(..length).unwrap_or_default()
    }

    /// Throws these bytes away.
    pub fn consume(&mut self, length: usize) {
        self.buffer.drain(..length.min(self.buffer.len()));
        self.buffer.shrink_to(PIECE);
    }

    /// Sets the socket's read timeout, if it is another than before.
    pub fn wait_for(&mut self, patience: Duration) -> io::Result<()> {
        if self.patience != patience {
            self.socket.set_read_timeout(Some(patience))?;
            self.patience = patience;
        }
        Ok(())
    }

    /// Waits for more. Returns false when nothing came.
    pub fn await_more(&mut self, patience: Duration) -> bool {
        let peeked = self.wait_for(patience).and_then(|()| self.socket.peek(&mut [0]));
        !peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Waits for a whole head at the start of the buffer, and up to `patience` for its first byte. A head begins with its first byte
    /// of whatever kind: blank lines before a request line are thrown away, but give no time.
    pub fn hear(&mut self, patience: Duration) -> io::Result<Heard> {
        let mut looked_at = 0;
        let mut deadline = None;
        let mut last_looks = 0;
        loop {
            let blank = self.buffer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.buffer.drain(..blank);
            looked_at = if blank > 0 { 0 } else { looked_at };
            // A TLS ClientHello begins with 0x16. Clients that try TLS first fall back to plain HTTP only when they read "HTTP/" at once.
            if self.buffer.first().is_some_and(|first| !first.is_ascii_alphabetic()) {
                return Ok(Heard::Refuse(Answer::text(Status::BadRequest, "This port speaks plain HTTP.\n")));
            }
            if let Some(length) = head::find_end(&self.buffer, looked_at) {
                return Ok(Heard::Head(length));
            }
            looked_at = self.buffer.len();
            if looked_at >= LONGEST_HEAD {
                return Ok(Heard::Refuse(Answer::text(Status::BadRequest, "The request's head is longer than 16 KiB.\n")));
            }
            if blank > 0 || looked_at > 0 {
                deadline.get_or_insert_with(|| Instant::now() + HEAD);
            }
            let left = deadline.map_or(Some(patience), left);
            last_looks += usize::from(left.is_none());
            self.wait_for(left.unwrap_or(LAST_LOOK))?;
            match self.read() {
                Ok(0) => return Ok(Heard::Ended),
                Ok(_) if last_looks <= LAST_LOOKS => {}
                Ok(_) => return Ok(Heard::Refuse(too_long())),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock if deadline.is_none() => return Ok(Heard::Silence),
                    ErrorKind::WouldBlock if left.is_none() => return Ok(Heard::Refuse(too_long())),
                    ErrorKind::WouldBlock | ErrorKind::Interrupted => {}
                    _ => return Ok(Heard::Ended),
                },
            }
        }
    }

    /// Appends what is there to the buffer, up to the longest head, without more room than that takes.
    fn read(&mut self) -> io::Result<usize> {
        let length = self.buffer.len();
        let most = length.saturating_add(PIECE).min(LONGEST_HEAD);
        self.buffer.reserve_exact(most.saturating_sub(length));
        self.buffer.resize(most, 0);
        let mut socket = self.socket;
        let count = socket.read(self.buffer.get_mut(length..).unwrap_or_default());
        self.buffer.truncate(length.saturating_add(*count.as_ref().unwrap_or(&0)));
        count
    }

    /// Takes the next bytes of a body: those that were read with its head, else what comes within `patience`. 0 when no more comes.
    pub fn take(&mut self, piece: &mut [u8], patience: Duration) -> io::Result<usize> {
        let count = piece.len().min(self.buffer.len());
        if count == 0 {
            self.wait_for(patience)?;
            let mut socket = self.socket;
            return socket.read(piece);
        }
        piece.get_mut(..count).unwrap_or_default().copy_from_slice(self.first(count));
        self.consume(count);
        Ok(count)
    }

    /// Reads past a body that nobody needs. Returns false when only closing gets past it.
    pub fn skip_body(&mut self, body: Body) -> io::Result<bool> {
        match body {
            Body::None => Ok(true),
            Body::Sized(size) => Ok(size <= LONGEST_BODY && self.skip(size)?),
            Body::Unmeasured => Ok(false),
        }
    }

    /// Reads past bytes. Returns false when the client ended before they did, or took too long.
    fn skip(&mut self, mut size: u64) -> io::Result<bool> {
        let until = Instant::now() + SKIP;
        loop {
            let count = usize::try_from(size).unwrap_or(usize::MAX).min(self.buffer.len());
            self.buffer.drain(..count);
            size -= count as u64;
            if size == 0 {
                return Ok(true);
            }
            let Some(left) = left(until) else { return Ok(false) };
            self.wait_for(left)?;
            match self.read() {
                Ok(0) => return Ok(false),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut socket = self.socket;
        socket.write_all(bytes)
    }

    /// Says that no more comes, and throws away what the client still sends: closing with unread bytes would reset the connection
    /// before the client has read the answer.
    pub fn linger(&mut self) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)?;
        let until = Instant::now() + LINGER;
        self.buffer.clear();
        while let Some(left) = left(until) {
            self.wait_for(left)?;
            if self.read()? == 0 {
                break;
            }
            self.buffer.clear();
        }
        Ok(())
    }
}

fn too_long() -> Answer {
    Answer::text(Status::RequestTimeout, "The request took too long.\n")
}

/// The time until then; None when it is over.
fn left(until: Instant) -> Option<Duration> {
    until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
}
