//! Calls on files: to a socket, and to and on the disk.

use std::fs::File;
use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd;

use super::check;

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

/// Gives a file room for `bytes` on its disk, with no change of its length. Not every file system can.
pub fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    let bytes = libc::off_t::try_from(bytes).map_err(io::Error::other)?;
    // SAFETY: the descriptor is open for as long as the borrow lives; no pointer is passed.
    check(unsafe { libc::fallocate(file.as_raw_fd(), libc::FALLOC_FL_KEEP_SIZE, 0, bytes) }).map(drop)
}

/// Has `bytes` of a file from `first` on written to its disk, as far as they are here, and waits for that only if told to. It moves pages
/// alone: only a sync makes a file outlive its machine. `bytes` is more than 0, which would mean all of the file.
pub fn write_back(file: &File, first: u64, bytes: u64, wait: bool) -> io::Result<()> {
    let first = libc::off64_t::try_from(first).map_err(io::Error::other)?;
    let bytes = libc::off64_t::try_from(bytes).map_err(io::Error::other)?;
    let waits = if wait { libc::SYNC_FILE_RANGE_WAIT_BEFORE | libc::SYNC_FILE_RANGE_WAIT_AFTER } else { 0 };
    // SAFETY: the descriptor is open for as long as the borrow lives; no pointer is passed.
    check(unsafe { libc::sync_file_range(file.as_raw_fd(), first, bytes, libc::SYNC_FILE_RANGE_WRITE | waits) }).map(drop)
}
