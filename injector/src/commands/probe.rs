//! `probe`: what the kubelet runs inside a container to learn whether it is alive or ready. It goes over the Pod's own loopback, so it
//! depends on neither the Pod's address family nor on who may reach the Pod.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::commands::arguments::ProbeOptions;
use crate::commands::reply::read_status;
use crate::failure::{ExitCode, Failure};

/// How long the whole question may take. The registry holds its answer for up to 4 s while it is not ready.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest status line that is waited for; those of HTTP servers are below 100 bytes.
const LONGEST_STATUS_LINE: usize = 256;

/// Returns when the answer is 200, or when nothing is asked for. Fails with exit code `not-ready`.
pub fn run(options: &Option<ProbeOptions>) -> Result<(), Failure> {
    let Some(ProbeOptions { connect, path }) = options else {
        return Ok(());
    };
    let fault = match ask(*connect, path) {
        Ok(Some(200)) => return Ok(()),
        Ok(Some(status)) => format!("answered {status}, not 200"),
        Ok(None) => "gave no HTTP answer".to_string(),
        Err(ErrorKind::WouldBlock | ErrorKind::TimedOut) => format!("gave no answer within {} s", PATIENCE.as_secs()),
        Err(error) => format!("cannot be asked: {error}"),
    };
    Err(Failure::new(ExitCode::NotReady, format!("The server at {connect} {fault}.")))
}

/// Asks once, and returns the status of the answer, if it is one.
fn ask(connect: SocketAddr, path: &str) -> Result<Option<u16>, ErrorKind> {
    let until = Instant::now() + PATIENCE;
    let mut socket = TcpStream::connect_timeout(&connect, PATIENCE).map_err(|error| error.kind())?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {connect}\r\nConnection: close\r\n\r\n");
    socket.set_write_timeout(Some(PATIENCE)).and_then(|()| socket.write_all(request.as_bytes())).map_err(|error| error.kind())?;
    let mut line = [0; LONGEST_STATUS_LINE];
    let mut length = 0;
    while let Some(rest) = line.get_mut(length..).filter(|rest| !rest.is_empty()) {
        let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()).ok_or(ErrorKind::TimedOut)?;
        socket.set_read_timeout(Some(left)).map_err(|error| error.kind())?;
        match socket.read(rest) {
            Ok(0) => break,
            Ok(count) => length = length.saturating_add(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.kind()),
        }
        if line.get(..length).is_some_and(|bytes| bytes.contains(&b'\n')) {
            break;
        }
    }
    Ok(line.get(..length).and_then(read_status))
}
