//! The registry that is copied from: connections to its pull port, and what it is asked there.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::catalog::{Catalog, Content};
use crate::commands::reply::Reply;

/// How long the head of an answer may take, and how long nothing may come of a body. A machine may stand still for seconds, and what is
/// not copied then never will be.
pub const SILENCE: Duration = Duration::from_secs(30);
/// How long a connection may take to come about: the kernel makes it, however busy the registry is.
const DIAL: Duration = Duration::from_secs(5);
/// How long to look for what has come when the time is over.
const LAST_LOOK: Duration = Duration::from_millis(1);

pub struct Source<'run> {
    address: SocketAddr,
    catalog: &'run Catalog,
    /// One that is listed here and there. There, too, every content is in every repository.
    repository: OnceLock<&'run str>,
}

impl<'run> Source<'run> {
    pub fn new(address: SocketAddr, catalog: &'run Catalog) -> Source<'run> {
        Source { address, catalog, repository: OnceLock::new() }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Looks for a repository that is listed here and there. Returns whether there is one.
    pub fn meet(&self) -> io::Result<bool> {
        let mut line = self.dial()?;
        for repository in &self.catalog.repositories {
            let reply = line.request("HEAD", &repository.name, "tags/list", "")?;
            if reply.status == 200 {
                self.repository.get_or_init(|| &repository.name);
                return Ok(true);
            }
            if line.is_spoiled() {
                line = self.dial()?;
            }
        }
        Ok(false)
    }

    /// Connects.
    pub fn dial(&self) -> io::Result<Line<'run>> {
        let socket = TcpStream::connect_timeout(&self.address, DIAL)?;
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(SILENCE))?;
        let repository = self.repository.get().copied().unwrap_or_default();
        let secret = &self.catalog.secret;
        Ok(Line { address: self.address, secret, repository, socket: Arc::new(socket), unread: Vec::new(), spoiled: false })
    }
}

/// A connection, kept alive.
pub struct Line<'run> {
    address: SocketAddr,
    secret: &'run str,
    repository: &'run str,
    socket: Arc<TcpStream>,
    /// What was read behind an answer's head.
    unread: Vec<u8>,
    spoiled: bool,
}

impl Line<'_> {
    pub fn socket(&self) -> &Arc<TcpStream> {
        &self.socket
    }

    /// Whether no further question can be asked.
    pub fn is_spoiled(&self) -> bool {
        self.spoiled || !self.unread.is_empty()
    }

    /// A body will not be read.
    pub fn spoil(&mut self) {
        self.spoiled = true;
    }

    /// Asks for the bytes from `offset` on of a content, and reads the head of the answer.
    pub fn ask(&mut self, method: &str, content: &Content, offset: u64) -> io::Result<Reply> {
        let kind = if content.media_type.is_some() { "manifests" } else { "blobs" };
        let range = if offset == 0 { String::new() } else { format!("Range: bytes={offset}-\r\n") };
        self.request(method, self.repository, &format!("{kind}/{}", content.digest), &range)
    }

    fn request(&mut self, method: &str, repository: &str, path: &str, headers: &str) -> io::Result<Reply> {
        let (secret, host) = (self.secret, self.address);
        let head = format!("{method} /v2/{secret}/{repository}/{path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
        (&*self.socket).write_all(head.as_bytes())?;
        let reply = Reply::read(&mut Until { socket: &self.socket, until: Instant::now() + SILENCE }, &mut self.unread)?;
        self.spoiled |= reply.header("Connection").is_some_and(|connection| connection.eq_ignore_ascii_case("close"));
        Ok(reply)
    }

    /// Reads the next bytes of a body, at least one. Fails when none comes.
    pub fn take(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        let count = piece.len().min(self.unread.len());
        if count > 0 {
            piece.get_mut(..count).unwrap_or_default().copy_from_slice(self.unread.get(..count).unwrap_or_default());
            self.unread.drain(..count);
            return Ok(count);
        }
        self.socket.set_read_timeout(Some(SILENCE))?;
        loop {
            match (&*self.socket).read(piece) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
    }
}

/// Reads up to an instant, and after it what has come by then: it may be this process that stood still.
pub struct Until<'socket> {
    pub socket: &'socket TcpStream,
    pub until: Instant,
}

impl Read for Until<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(Instant::now());
        self.socket.set_read_timeout(Some(left.max(LAST_LOOK)))?;
        let mut socket = self.socket;
        socket.read(bytes)
    }
}
