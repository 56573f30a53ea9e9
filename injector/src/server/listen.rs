//! Where to listen: one address, or all addresses of both families.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::system;

/// What `--listen` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A port alone: all addresses, IPv6 and IPv4.
    Everywhere(u16),
    At(SocketAddr),
}

impl Listen {
    /// Reads `5000`, `0.0.0.0:5000` or `[::]:5000`. Only numbers, never names: resolving names would bring 24 kB of resolver into the
    /// binary.
    pub fn parse(text: &str) -> Option<Listen> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(Listen::Everywhere);
        }
        text.parse().ok().map(Listen::At)
    }

    pub fn bind(self) -> io::Result<TcpListener> {
        match self {
            Listen::At(address) => {
                let listener = TcpListener::bind(address)?;
                system::deepen_backlog(&listener)?;
                Ok(listener)
            }
            Listen::Everywhere(port) => match system::listen_on_both_families(port) {
                Err(error) if lacks_family(&error) => Listen::At((Ipv4Addr::UNSPECIFIED, port).into()).bind(),
                outcome => outcome,
            },
        }
    }
}

/// Whether the error says that this machine has no such family of addresses: none in the kernel (as with ipv6.disable=1), or no such
/// address of it to listen on. A port that is taken is no such error: another program would get what comes by IPv6.
pub fn lacks_family(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EAFNOSUPPORT | libc::EADDRNOTAVAIL | libc::EPROTONOSUPPORT))
}

impl fmt::Display for Listen {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Listen::Everywhere(port) => port.fmt(out),
            Listen::At(address) => address.fmt(out),
        }
    }
}
