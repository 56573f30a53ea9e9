//! Sending a content from the store to a socket, also while it is still arriving.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use crate::intake::store::Store;
use crate::system;

/// Contents up to this many bytes go out in one write with their head.
const SMALL: u64 = 32 << 10;
/// Most bytes for one sendfile call.
const STRETCH: u64 = 4 << 20;
/// How often a waiting answer looks after its client.
const TICK: Duration = Duration::from_secs(1);
/// How long an answer waits for bytes when its client has closed its side: it may have left, or only have said all it had to say.
const HALF_CLOSED_PATIENCE: Duration = Duration::from_secs(15);

/// What is to be sent, and what happened so far.
pub struct Transfer<'run> {
    pub store: &'run Store,
    pub socket: &'run TcpStream,
    pub place: usize,
    pub offset: u64,
    pub end: u64,
    /// Nothing is sent, not even the head, before the content is verified: so with manifests.
    pub whole_only: bool,
    /// Which attempt to get the content the bytes sent so far are of.
    pub attempt: Option<u32>,
}

impl Transfer<'_> {
    /// Sends `head` and the bytes. `hold` is called each time the answer has to wait; when it returns false, waiting ends. `announce` is
    /// called before the last byte goes to a client that is still there, so what it tells is told before the client has all. Fails as the
    /// client or the store fails; `offset` says how far it came.
    pub fn run(&mut self, head: &mut Vec<u8>, mut hold: impl FnMut() -> bool, mut announce: impl FnMut()) -> io::Result<()> {
        let mut waiting = Instant::now();
        while self.whole_only && !self.store.is_verified(self.place) {
            self.wait(waiting, &mut hold)?;
        }
        if self.end - self.offset <= SMALL && self.append_small(head)? {
            self.expect_client()?;
            announce();
            return self.socket.write_all(head);
        }
        if self.offset == self.end {
            announce();
        }
        self.socket.write_all(head)?;
        while self.offset < self.end {
            match self.store.available(self.place, self.offset, self.attempt, Duration::ZERO)? {
                Some(bytes) => {
                    self.attempt = Some(bytes.attempt);
                    let until = bytes.until.min(self.end);
                    if until == self.end {
                        self.send(&bytes.file, until.saturating_sub(1))?;
                        self.expect_client()?;
                        announce();
                    }
                    self.send(&bytes.file, until)?;
                    waiting = Instant::now();
                }
                None => self.wait(waiting, &mut hold)?,
            }
        }
        Ok(())
    }

    /// Fails when the connection is known to be gone.
    fn expect_client(&self) -> io::Result<()> {
        self.socket.take_error()?.map_or(Ok(()), Err)
    }

    /// Appends the bytes to the head when they are few and verified.
    fn append_small(&mut self, head: &mut Vec<u8>) -> io::Result<bool> {
        let Some(file) = self.store.open_verified(self.place)? else {
            return Ok(false);
        };
        let start = head.len();
        let count = usize::try_from(self.end - self.offset).map_err(io::Error::other)?;
        head.resize(start.saturating_add(count), 0);
        file.read_exact_at(head.get_mut(start..).unwrap_or_default(), self.offset)?;
        self.offset = self.end;
        Ok(true)
    }

    fn wait(&self, since: Instant, hold: &mut impl FnMut() -> bool) -> io::Result<()> {
        if !hold() {
            return Err(ErrorKind::Interrupted.into());
        }
        // No part of a content lies behind its end, so only the whole satisfies that wait.
        let from = if self.whole_only { u64::MAX } else { self.offset };
        if self.store.available(self.place, from, self.attempt, TICK)?.is_none()
            && has_closed(self.socket)?
            && since.elapsed() > HALF_CLOSED_PATIENCE
        {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }

    fn send(&mut self, file: &File, until: u64) -> io::Result<()> {
        while self.offset < until {
            let count = usize::try_from((until - self.offset).min(STRETCH)).map_err(io::Error::other)?;
            match system::send_file(self.socket, file, self.offset, count) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(sent) => self.offset = self.offset.saturating_add(sent as u64),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => return self.copy(file, until),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The slow way, for the few file systems that have no sendfile.
    fn copy(&mut self, file: &File, until: u64) -> io::Result<()> {
        let mut buffer = vec![0; 64 << 10];
        while self.offset < until {
            let count = usize::try_from(until - self.offset).unwrap_or(usize::MAX).min(buffer.len());
            let piece = buffer.get_mut(..count).unwrap_or_default();
            file.read_exact_at(piece, self.offset)?;
            self.socket.write_all(piece)?;
            self.offset = self.offset.saturating_add(count as u64);
        }
        Ok(())
    }
}

/// Whether the client has closed its side. Fails when the connection is gone.
pub fn has_closed(socket: &TcpStream) -> io::Result<bool> {
    socket.set_nonblocking(true)?;
    let peeked = socket.peek(&mut [0]);
    socket.set_nonblocking(false)?;
    match peeked {
        Ok(count) => Ok(count == 0),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}
