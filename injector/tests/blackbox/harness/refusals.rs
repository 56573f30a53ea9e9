//! Calls that the kernel refuses to a command, as a machine does that lacks something.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Lets a call, or only those with this argument, given by its place among them and its value, fail with an error.
#[allow(unsafe_code)]
pub fn refuse(command: &mut Command, call: libc::c_long, argument: Option<(u32, libc::c_int)>, error: libc::c_int) {
    let statement = |code: u32, value: u32, equal: u8, other: u8| libc::sock_filter { code: code as u16, jt: equal, jf: other, k: value };
    let (load, compare, end) = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, libc::BPF_RET);
    // Offset 0 of what a filter sees is the call's number, offset 16 its first argument; each has 8 bytes.
    let number = statement(load, 0, 0, 0);
    let mut filter = match argument {
        Some((place, value)) => {
            let loaded = statement(load, 16 + 8 * place, 0, 0);
            vec![number, statement(compare, call as u32, 0, 3), loaded, statement(compare, value as u32, 0, 1)]
        }
        None => vec![number, statement(compare, call as u32, 0, 1)],
    };
    filter.extend([statement(end, libc::SECCOMP_RET_ERRNO | error as u32, 0, 0), statement(end, libc::SECCOMP_RET_ALLOW, 0, 0)]);
    let install = move || {
        let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
        // SAFETY: the kernel copies the program, which lives until the call is over.
        let installed = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) == 0
        };
        if installed { Ok(()) } else { Err(io::Error::last_os_error()) }
    };
    // SAFETY: between fork and exec it makes two system calls and takes no memory.
    unsafe { command.pre_exec(install) };
}
