//! A port at which nothing listens until the test says so.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsRawFd, FromRawFd};

/// Takes a port of loopback without listening there, for as long as what is returned lives: connections to it are refused, and the kernel
/// gives it to nobody who asks for any port. Who asks for this one, and shares as `TcpListener` does, may listen.
#[allow(unsafe_code)]
pub fn reserve() -> (TcpListener, SocketAddr) {
    let (on, any): (libc::c_int, libc::sockaddr_in) = (1, loopback());
    // SAFETY: the pointers are those of local variables that are read during the calls only, with their lengths, and the socket is new.
    let socket = unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0);
        assert!(socket >= 0, "{}", std::io::Error::last_os_error());
        let socket = TcpListener::from_raw_fd(socket);
        let (number, length) = (socket.as_raw_fd(), size_of_val(&on) as libc::socklen_t);
        assert_eq!(libc::setsockopt(number, libc::SOL_SOCKET, libc::SO_REUSEADDR, (&raw const on).cast(), length), 0);
        assert_eq!(libc::bind(number, (&raw const any).cast(), size_of_val(&any) as libc::socklen_t), 0);
        socket
    };
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// Any port of 127.0.0.1.
fn loopback() -> libc::sockaddr_in {
    let sin_addr = libc::in_addr { s_addr: u32::from_ne_bytes([127, 0, 0, 1]) };
    libc::sockaddr_in { sin_family: libc::AF_INET as libc::sa_family_t, sin_port: 0, sin_addr, sin_zero: [0; 8] }
}
