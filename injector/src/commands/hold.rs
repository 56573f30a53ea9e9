//! `hold`: a process that does nothing until it is told to end, in any image, as any user, also as process 1.

use crate::failure::Failure;
use crate::system;

/// Returns at the first SIGTERM or SIGINT. Blocking the signals first matters for process 1: the kernel throws away signals that
/// process 1 neither blocks nor handles.
pub fn run() -> Result<(), Failure> {
    system::block_termination()?;
    system::await_termination();
    Ok(())
}
