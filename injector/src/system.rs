//! The only unsafe code of the crate: calls that std does not offer. Each takes and gives safe types, keeps no pointer, and says why it
//! is sound.
#![allow(unsafe_code)]

mod files;
#[cfg(all(target_env = "musl", panic = "abort"))]
mod unwinding;

use std::io;
use std::mem::MaybeUninit;
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

use crate::failure::{ExitCode, Failure};

pub use files::{reserve, send_file, write_back};

fn termination_signals() -> libc::sigset_t {
    let mut signals = MaybeUninit::uninit();
    // SAFETY: sigemptyset fills the whole set before sigaddset changes it; neither fails for valid signal numbers.
    unsafe {
        libc::sigemptyset(signals.as_mut_ptr());
        libc::sigaddset(signals.as_mut_ptr(), libc::SIGTERM);
        libc::sigaddset(signals.as_mut_ptr(), libc::SIGINT);
        signals.assume_init()
    }
}

/// Blocks SIGTERM and SIGINT for this thread and all threads that it starts, so that [`await_termination`] gets them.
pub fn block_termination() -> Result<(), Failure> {
    let signals = termination_signals();
    // SAFETY: the set is initialised and outlives the call; a null old set is allowed.
    match unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &signals, std::ptr::null_mut()) } {
        0 => Ok(()),
        error => Err(Failure::new(ExitCode::Internal, format!("SIGTERM cannot be blocked: {}.", io::Error::from_raw_os_error(error)))),
    }
}

/// Waits for SIGTERM or SIGINT, which must be blocked.
pub fn await_termination() {
    let signals = termination_signals();
    let mut received = 0;
    // SAFETY: the set is initialised, and the number is a local variable that is written during the call only.
    while unsafe { libc::sigwait(&signals, &mut received) } != 0 {}
}

/// What can be read, and so be polled for, once SIGTERM or SIGINT has come. Both must be blocked.
pub fn termination() -> io::Result<OwnedFd> {
    let signals = termination_signals();
    // SAFETY: the set is initialised and outlives the call; the descriptor was just made, and nobody else knows it.
    check(unsafe { libc::signalfd(-1, &signals, libc::SFD_CLOEXEC) }).map(|descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Raises the soft limit of open files to the hard one and returns what holds afterwards.
pub fn raise_open_files() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is a local variable that both calls use during the call only.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) != 0 {
            return 1024;
        }
        let wanted = libc::rlimit { rlim_cur: limit.rlim_max, ..limit };
        if libc::setrlimit(libc::RLIMIT_NOFILE, &wanted) == 0 { wanted.rlim_cur } else { limit.rlim_cur }
    }
}

/// Connections that may wait to be accepted: as many as the kernel's net.core.somaxconn allows (4096 by default since Linux 5.4). std
/// asks for 128, and a client whose connection finds no place tries again only after a second.
const BACKLOG: libc::c_int = 4096;

/// Takes the outcome of a call that says -1 for an error.
fn check(outcome: libc::c_int) -> io::Result<libc::c_int> {
    if outcome < 0 { Err(io::Error::last_os_error()) } else { Ok(outcome) }
}

/// Lets as many connections wait for `listener` as the kernel allows.
pub fn deepen_backlog(listener: &TcpListener) -> io::Result<()> {
    // SAFETY: the descriptor is open for as long as the borrow lives; no pointer is passed.
    check(unsafe { libc::listen(listener.as_raw_fd(), BACKLOG) }).map(drop)
}

/// Sets an option of a socket. `Value` is the very type that the option has in C.
fn set_option<Value>(socket: &impl AsRawFd, level: libc::c_int, option: libc::c_int, value: Value) -> io::Result<()> {
    let length = size_of::<Value>() as libc::socklen_t;
    // SAFETY: the value is a local variable that is read during the call only, and the length is its own.
    check(unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const value).cast(), length) }).map(drop)
}

/// A new TCP socket of a family.
fn open(family: libc::c_int, kind: libc::c_int) -> io::Result<OwnedFd> {
    // SAFETY: no pointer is passed; the descriptor was just made, and nobody else knows it.
    check(unsafe { libc::socket(family, libc::SOCK_STREAM | libc::SOCK_CLOEXEC | kind, 0) })
        .map(|descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) })
}

fn raw_v4(address: SocketAddrV4) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: address.port().to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(*address.ip()).to_be() },
        sin_zero: [0; 8],
    }
}

fn raw_v6(address: SocketAddrV6) -> libc::sockaddr_in6 {
    libc::sockaddr_in6 {
        sin6_family: libc::AF_INET6 as libc::sa_family_t,
        sin6_port: address.port().to_be(),
        sin6_flowinfo: address.flowinfo(),
        sin6_addr: libc::in6_addr { s6_addr: address.ip().octets() },
        sin6_scope_id: address.scope_id(),
    }
}

/// Listens on an address of IPv6. Whether all its addresses take IPv4 too is for the caller to say, not for net.ipv6.bindv6only.
/// Without IPv6 in the kernel it fails with EAFNOSUPPORT.
pub fn listen_on_ipv6(address: SocketAddrV6, only: bool) -> io::Result<TcpListener> {
    let socket = open(libc::AF_INET6, 0)?;
    set_option(&socket, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, libc::c_int::from(only))?;
    // Reuse as std sets it: a restarted container must not wait for connections of the one before.
    let on: libc::c_int = 1;
    set_option(&socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, on)?;
    let address = raw_v6(address);
    // SAFETY: the address is a local variable that is read during the call only, and the length is its own.
    check(unsafe { libc::bind(socket.as_raw_fd(), (&raw const address).cast(), size_of_val(&address) as libc::socklen_t) })?;
    let listener = TcpListener::from(socket);
    deepen_backlog(&listener)?;
    Ok(listener)
}

/// Listens on `port` of all addresses of both families.
pub fn listen_on_both_families(port: u16) -> io::Result<TcpListener> {
    listen_on_ipv6(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, port, 0, 0), false)
}

/// Begins to connect and waits for nothing, then or later. The socket can be written to once it is connected.
pub fn begin_to_connect(to: SocketAddr) -> io::Result<TcpStream> {
    match to {
        SocketAddr::V4(to) => connect(libc::AF_INET, raw_v4(to)),
        SocketAddr::V6(to) => connect(libc::AF_INET6, raw_v6(to)),
    }
}

/// `Raw` is the type of the family's addresses.
fn connect<Raw>(family: libc::c_int, to: Raw) -> io::Result<TcpStream> {
    let socket = open(family, libc::SOCK_NONBLOCK)?;
    // SAFETY: the address is a local variable that is read during the call only, and the length is its own.
    match check(unsafe { libc::connect(socket.as_raw_fd(), (&raw const to).cast(), size_of::<Raw>() as libc::socklen_t) }) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(TcpStream::from(socket)),
    }
}

/// Takes as many bytes as `peeked` has out of a socket that has just shown them. TCP throws them away without copying (tcp(7),
/// MSG_TRUNC); a kernel that does not know this fills `peeked` with them. Returns how many were taken.
pub fn discard(socket: &TcpStream, peeked: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the pointer and the length are those of a slice that the kernel may write to during the call only.
    let count = unsafe { libc::recv(socket.as_raw_fd(), peeked.as_mut_ptr().cast(), peeked.len(), libc::MSG_TRUNC) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Lets the kernel ask the other side of a silent connection whether it is there: first after `idle`, and every `interval` from then on.
pub fn keep_alive(socket: &TcpStream, idle: Duration, interval: Duration) -> io::Result<()> {
    let seconds = |time: Duration| libc::c_int::try_from(time.as_secs()).unwrap_or(libc::c_int::MAX);
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_KEEPIDLE, seconds(idle))?;
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_KEEPINTVL, seconds(interval))?;
    set_option(socket, libc::SOL_SOCKET, libc::SO_KEEPALIVE, seconds(Duration::from_secs(1)))
}

/// Closes a connection by a reset, which tells the other side that not all of it came. What waits to be sent is thrown away.
pub fn reset(socket: TcpStream) {
    // Should it fail, closing is all that can be done.
    let _ = set_option(&socket, libc::SOL_SOCKET, libc::SO_LINGER, libc::linger { l_onoff: 1, l_linger: 0 });
}

/// Whether the other side has closed its half of a connection, or the connection is gone, also while bytes of before wait to be read.
pub fn has_hung_up(socket: &TcpStream) -> bool {
    let mut descriptor = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLRDHUP, revents: 0 };
    // SAFETY: the structure is a local variable that is used during the call only, and it is the only one.
    unsafe { libc::poll(&mut descriptor, 1, 0) > 0 }
}

/// Waits for any of many sockets to have something to read.
pub struct Poll(OwnedFd);

/// Most events that one wait brings.
const EVENTS: usize = 64;
const AWAITED: libc::c_int = libc::EPOLLIN | libc::EPOLLRDHUP;
const FOLLOWED: libc::c_int = AWAITED | libc::EPOLLOUT | libc::EPOLLET;

/// What happened to a socket.
#[derive(Clone, Copy)]
pub struct Event {
    /// The key that the socket was added under.
    pub key: u64,
    /// The other side has closed its half, or the connection is gone.
    pub hung_up: bool,
    /// It takes bytes, or has just been connected. Only of those that are followed.
    pub writable: bool,
    /// The connection was reset or could not be made.
    pub failed: bool,
}

impl Poll {
    pub fn new() -> io::Result<Poll> {
        // SAFETY: no pointer is passed; the descriptor was just made, and nobody else knows it.
        check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }).map(|descriptor| Poll(unsafe { OwnedFd::from_raw_fd(descriptor) }))
    }

    /// Watches a socket, until it is removed or closed. Works while another thread waits.
    pub fn add(&self, socket: &impl AsFd, key: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, socket, key, AWAITED)
    }

    /// Watches a socket for changes: that something more has come, that it takes more. Each is told once, so whoever hears of one has
    /// to go on until the socket would block, or to ask again.
    pub fn follow(&self, socket: &impl AsFd, key: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, socket, key, FOLLOWED)
    }

    /// Tells anew, after all that others are told, what a followed socket has or takes now.
    pub fn ask_again(&self, socket: &impl AsFd, key: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, socket, key, FOLLOWED)
    }

    pub fn remove(&self, socket: &impl AsFd) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, socket, 0, AWAITED)
    }

    fn control(&self, operation: libc::c_int, socket: &impl AsFd, key: u64, events: libc::c_int) -> io::Result<()> {
        let mut event = libc::epoll_event { events: events as u32, u64: key };
        // SAFETY: both descriptors are open for as long as the borrows live, and the event is read during the call only.
        check(unsafe { libc::epoll_ctl(self.0.as_raw_fd(), operation, socket.as_fd().as_raw_fd(), &mut event) }).map(drop)
    }

    /// Fills `events` with what happened, after at most `patience`. Returns whether that is all: there may be more when they are many,
    /// or when the process stood still, which interrupts the wait.
    pub fn wait(&self, events: &mut Vec<Event>, patience: Duration) -> bool {
        events.clear();
        let mut raw = [libc::epoll_event { events: 0, u64: 0 }; EVENTS];
        let patience = libc::c_int::try_from(patience.as_millis()).unwrap_or(libc::c_int::MAX);
        // SAFETY: the kernel writes at most as many events as the array has places, during the call only.
        let count = unsafe { libc::epoll_wait(self.0.as_raw_fd(), raw.as_mut_ptr(), EVENTS as libc::c_int, patience) };
        // The only error that can come is an interruption.
        let seen = raw.iter().take(usize::try_from(count).unwrap_or_default());
        events.extend(seen.map(|event| {
            let has = |any: libc::c_int| event.events & any as u32 != 0;
            Event {
                key: event.u64,
                hung_up: has(libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR),
                writable: has(libc::EPOLLOUT),
                failed: has(libc::EPOLLERR),
            }
        }));
        (0..EVENTS as libc::c_int).contains(&count)
    }
}

/// Bytes from the kernel's generator, which waits until it has been seeded.
pub fn random<const COUNT: usize>() -> io::Result<[u8; COUNT]> {
    let mut bytes = [0u8; COUNT];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        // SAFETY: the pointer and the length are those of a slice that the kernel writes to during the call only.
        let count = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        match usize::try_from(count) {
            Ok(count) => filled = filled.saturating_add(count),
            Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(io::Error::last_os_error()),
        }
    }
    Ok(bytes)
}

/// Ends a connection whose other side does not confirm what it was sent for `patience`. Without this, the kernel tries for a quarter of
/// an hour.
pub fn limit_unconfirmed(socket: &TcpStream, patience: Duration) -> io::Result<()> {
    let milliseconds = libc::c_uint::try_from(patience.as_millis()).unwrap_or(libc::c_uint::MAX);
    set_option(socket, libc::IPPROTO_TCP, libc::TCP_USER_TIMEOUT, milliseconds)
}

/// Lets a socket, or each connection that comes to a listener, take no more bytes, and no longer be told as writable, while about this many
/// wait in the kernel that it could not send yet. Without this, one whose other side takes nothing holds up to net.ipv4.tcp_wmem of them, as
/// it does where a sandbox has no such option.
pub fn limit_unsent(socket: &impl AsRawFd, bytes: u32) -> io::Result<()> {
    let limited = set_option(socket, libc::IPPROTO_TCP, libc::TCP_NOTSENT_LOWAT, bytes);
    limited.or_else(|error| match error.raw_os_error() {
        Some(libc::ENOPROTOOPT | libc::EOPNOTSUPP | libc::EINVAL) => Ok(()),
        _ => Err(error),
    })
}

/// Lets the kernel spend no more than twice this many bytes on what nobody has read yet of each connection that comes to `listener`,
/// what it needs itself included (socket(7), SO_RCVBUF). Without this, it may be up to net.ipv4.tcp_rmem.
pub fn limit_unread(listener: &TcpListener, bytes: u32) -> io::Result<()> {
    set_option(listener, libc::SOL_SOCKET, libc::SO_RCVBUF, bytes)
}
