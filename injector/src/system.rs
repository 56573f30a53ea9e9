//! The only unsafe code of the crate: four calls that std does not offer. Each takes and gives safe types, keeps no pointer, and says
//! why it is sound.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::net::TcpStream;
use std::os::fd::AsRawFd;

use crate::failure::{ExitCode, Failure};

/// Sends up to `count` bytes of `file` from `offset` on to `socket` without copying them through this process. Returns how many were
/// taken; 0 means that the file ends at `offset`. The file's own position is neither used nor moved, so threads may share one file.
/// The socket's write timeout applies (then `WouldBlock`).
pub fn send_file(socket: &TcpStream, file: &File, offset: u64, count: usize) -> io::Result<usize> {
    let mut offset = libc::off_t::try_from(offset).map_err(io::Error::other)?;
    // SAFETY: both descriptors are open for as long as the borrows live, and the offset is a local variable that the kernel writes
    // to during the call only.
    let sent = unsafe { libc::sendfile(socket.as_raw_fd(), file.as_raw_fd(), &mut offset, count) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

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
