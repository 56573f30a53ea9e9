//! `--version` and `hold`.

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::fixture::Fixture;
use crate::process::{binary, shipped};

#[test]
fn the_version_names_the_sources_in_one_line_that_the_file_holds_in_one_piece() {
    let told = Command::new(binary()).arg("--version").output().unwrap();
    assert!(told.status.success() && told.stderr.is_empty(), "{told:?}");
    let line = String::from_utf8(told.stdout).unwrap();
    let hash = line.strip_prefix(concat!("injector ", env!("CARGO_PKG_VERSION"), " ")).and_then(|rest| rest.strip_suffix('\n'));
    let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    assert!(hash.is_some_and(is_hash), "{line}");
    let file = fs::read(shipped()).unwrap();
    assert!(file.windows(line.len()).any(|piece| piece == line.as_bytes()), "the line is not in the file");
}

/// A process that does not outlive a test that fails, nor does its child. (What `unshare --kill-child` sets ends with --setuid.)
struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            for child in children(self.0.id()) {
                let _ = Command::new("kill").args(["-s", "KILL", &child.to_string()]).status();
            }
            let _ = (self.0.kill(), self.0.wait());
        }
    }
}

fn children(pid: u32) -> Vec<u32> {
    let listed = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    listed.split_whitespace().map(|child| child.parse().unwrap()).collect()
}

/// Starts `hold` by a command that ends in the binary, and ends it once it waits for signals.
fn hold(mut command: Command, signal: &str) -> (Option<i32>, String) {
    let mut held = Held(command.arg("hold").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let child = &mut held.0;
    let deadline = Instant::now() + Duration::from_secs(30);
    let pid = loop {
        assert!(Instant::now() < deadline, "hold never came to wait for signals");
        if let Some(pid) = holding(child.id()) {
            break pid;
        }
        assert_eq!(child.try_wait().unwrap(), None);
        std::thread::yield_now();
    };
    assert!(Command::new("kill").args(["-s", signal, &pid.to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    let mut printed = String::new();
    child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
    (status.code(), printed)
}

/// This process or its only descendant, when it is `injector hold` and waits for signals (rt_sigtimedwait).
fn holding(pid: u32) -> Option<u32> {
    let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
    let call = fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
    let awaits = if cfg!(target_arch = "x86_64") { "128 " } else { "137 " };
    if command.ends_with("injector\0hold\0") && call.starts_with(awaits) {
        return Some(pid);
    }
    children(pid).into_iter().find_map(holding)
}

#[test]
fn hold_prints_nothing_and_ends_at_once() {
    for signal in ["TERM", "INT"] {
        assert_eq!(hold(Command::new(binary()), signal), (Some(0), String::new()), "{signal}");
    }
}

#[test]
fn hold_runs_as_process_1_of_an_empty_image_as_any_user() {
    let fixture = Fixture::new();
    let root = fixture.directory.join("image");
    fs::create_dir(&root).unwrap();
    fs::copy(shipped(), root.join("injector")).unwrap();
    let unshare = ["--pid", "--fork", "--root"];
    let mut probe = Command::new("unshare");
    let allowed = probe.args(["--pid", "--fork", "true"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !allowed {
        eprintln!("SKIPPED: hold as process 1 needs a process namespace, which this machine does not give");
        return;
    }
    let mut command = Command::new("unshare");
    command.args(unshare).arg(&root).args(["--setuid", "12345", "--setgid", "54321", "/injector"]);
    assert_eq!(hold(command, "TERM"), (Some(0), String::new()));
}
