//! A courier's connection to a delivery port.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::commands::courier::plan::Piece;
use crate::commands::reply::Reply;
use crate::failure::ExitCode;
use crate::hex;
use crate::token::{self, Matter, Token};

/// How long a connection may take to come about.
const DIAL: Duration = Duration::from_secs(5);
/// How long the registry is asked to wait for the bytes before a piece.
const WAIT: u64 = 60;
/// How long an answer may take: somewhat longer than that.
const ANSWER: Duration = Duration::from_secs(WAIT + 15);

/// Why a piece was not taken.
#[derive(Debug)]
pub enum Fault {
    /// It may be better the next time.
    Passing(String),
    /// The registry has only that many bytes of the content.
    Behind(u64),
    /// It cannot become better.
    Final(ExitCode, String),
}

pub struct Connection {
    socket: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    /// Connects; each side proves that it knows the token.
    pub fn open(to: SocketAddr, token: &Token) -> Result<Connection, Fault> {
        let lost = |error: io::Error| passing(to, &error);
        let socket = TcpStream::connect_timeout(&to, DIAL).map_err(lost)?;
        socket.set_nodelay(true).map_err(lost)?;
        socket.set_write_timeout(Some(ANSWER)).map_err(lost)?;
        socket.set_read_timeout(Some(ANSWER)).map_err(lost)?;
        let mut connection = Connection { socket, unread: Vec::new() };
        let client = token::nonce().map_err(|failure| Fault::Final(failure.code, failure.sentence))?;
        let hello = connection.ask("GET", "/hello", format_args!("Jackal-Nonce: {}\r\n", hex::encode(&client)), b"").map_err(lost)?;
        let value = |name| hello.header(name).and_then(hex::decode);
        let stranger = || Fault::Passing(format!("the server at {to} does not know the token"));
        let (server, proof) = (value("Jackal-Nonce").ok_or_else(stranger)?, value("Jackal-Proof").ok_or_else(stranger)?);
        if hello.status != 200 || !token.is_proven(Matter::Serve, &client, &server, &proof) {
            return Err(stranger());
        }
        let own = hex::encode(&token.prove(Matter::Deliver, &client, &server));
        match connection.ask("GET", "/prove", format_args!("Jackal-Proof: {own}\r\n"), b"").map_err(lost)?.status {
            204 => Ok(connection),
            status => Err(Fault::Passing(format!("the server at {to} answered the proof with {status}"))),
        }
    }

    /// Brings a piece. Returns how many bytes of its content the registry has then.
    pub fn put(&mut self, piece: &Piece, bytes: &[u8]) -> Result<u64, Fault> {
        let (first, last, size) = (piece.offset, piece.end().saturating_sub(1), piece.size);
        let path = format!("/blobs/{}", piece.digest);
        let range =
            format_args!("Content-Range: bytes {first}-{last}/{size}\r\nContent-Length: {}\r\nPrefer: wait={WAIT}\r\n", bytes.len());
        let reply = self.ask("PUT", &path, range, bytes).map_err(cut_off)?;
        let offset = reply.header("Jackal-Offset").and_then(|offset| offset.parse().ok());
        match (reply.status, offset) {
            (200 | 201, Some(offset)) if offset >= piece.end() => Ok(offset),
            (409, Some(offset)) => Err(Fault::Behind(offset)),
            (422, _) => Err(Fault::Final(ExitCode::BlobWrong, "the registry found another digest over all its bytes".into())),
            (status @ (400 | 404), _) => Err(Fault::Final(
                ExitCode::NotDelivered,
                format!("the registry answered {status}, so its catalog does not list it, or lists another size"),
            )),
            (status, _) => Err(Fault::Passing(format!("the registry answered {status}"))),
        }
    }

    /// Says that nothing more is going to be delivered.
    pub fn end(&mut self) -> Result<(), Fault> {
        let reply = self.ask("PUT", "/end", format_args!("Content-Length: 0\r\n"), b"");
        match reply.map_err(cut_off)?.status {
            204 => Ok(()),
            status => Err(Fault::Passing(format!("the registry answered {status}"))),
        }
    }

    fn ask(&mut self, method: &str, path: &str, headers: Arguments, body: &[u8]) -> io::Result<Reply> {
        self.socket.write_all(format!("{method} {path} HTTP/1.1\r\nHost: registry\r\n{headers}\r\n").as_bytes())?;
        // The other side may have answered before it took all.
        let written = self.socket.write_all(body);
        let reply = Reply::read(&mut self.socket, &mut self.unread);
        if reply.is_err() { written.and(reply) } else { reply }
    }
}

/// A connection that was there and is not any more.
fn cut_off(error: io::Error) -> Fault {
    Fault::Passing(format!("the connection was lost ({error})"))
}

fn passing(to: SocketAddr, error: &io::Error) -> Fault {
    let reason = match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => "is silent".to_string(),
        _ => format!("cannot be reached ({error})"),
    };
    Fault::Passing(format!("the server at {to} {reason}"))
}
