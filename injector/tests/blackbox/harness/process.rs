//! The injector as a process: its log, its end.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::{Duration, Instant};

use crate::fixture::Fixture;

/// The binary of this build, or the one that `INJECTOR_BINARY` names.
pub fn binary() -> PathBuf {
    std::env::var_os("INJECTOR_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_injector").into()).into()
}

/// The binary as it is shipped: release profile, static, for this machine's architecture. Built once.
pub fn shipped() -> PathBuf {
    static SHIPPED: OnceLock<PathBuf> = OnceLock::new();
    SHIPPED
        .get_or_init(|| {
            let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
            let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../shipped");
            let built = Command::new(env!("CARGO"))
                .args(["build", "--locked", "--release", "--target", &target, "--target-dir"])
                .arg(&directory)
                .current_dir(env!("CARGO_MANIFEST_DIR"))
                .status()
                .unwrap();
            assert!(built.success(), "cargo cannot build for {target}; `rustup target add {target}` adds the target");
            directory.join(target).join("release/injector")
        })
        .clone()
}

#[derive(Default)]
struct Log {
    lines: Mutex<(Vec<String>, bool)>,
    news: Condvar,
}

pub struct Injector {
    child: Child,
    log: Arc<Log>,
}

impl Drop for Injector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Injector {
    /// Starts `serve` on a free port of loopback.
    pub fn serve(fixture: &Fixture) -> Injector {
        Injector::serve_with(fixture, Command::new(binary()))
    }

    /// The same with options more.
    pub fn serve_to(fixture: &Fixture, options: &[&str]) -> Injector {
        Injector::launch(fixture, Command::new(binary()), "127.0.0.1:0", options)
    }

    /// The same with a command as below, and what to listen on.
    pub fn serve_at(fixture: &Fixture, command: Command, listen: &str) -> Injector {
        Injector::launch(fixture, command, listen, &[])
    }

    /// The same with a command that ends in the binary, such as one that sets limits first.
    pub fn serve_with(fixture: &Fixture, command: Command) -> Injector {
        Injector::launch(fixture, command, "127.0.0.1:0", &[])
    }

    /// The same with all of it.
    pub fn launch(fixture: &Fixture, mut command: Command, listen: &str, options: &[&str]) -> Injector {
        let directory = &fixture.directory;
        command.arg("serve").arg("--catalog").arg(directory.join("catalog")).arg("--chunks").arg(directory.join("chunks"));
        command.arg("--store").arg(fixture.store()).args(["--listen", listen]).args(options);
        Injector::start(command)
    }

    pub fn start(mut command: Command) -> Injector {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Log::default());
        let (out, writer) = (child.stdout.take().unwrap(), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                writer.lines.lock().unwrap().0.push(line);
                writer.news.notify_all();
            }
            writer.lines.lock().unwrap().1 = true;
            writer.news.notify_all();
        });
        Injector { child, log }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn lines(&self) -> Vec<String> {
        self.log.lines.lock().unwrap().0.clone()
    }

    /// The first line that starts with `jackal <event>` and holds `part`, once it is there.
    pub fn line(&self, event: &str, part: &str) -> String {
        self.find(&format!("jackal {event} "), part)
    }

    /// The first line that starts and holds so, once it is there.
    pub fn find(&self, start: &str, part: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(300);
        let mut log = self.log.lines.lock().unwrap();
        loop {
            if let Some(line) = log.0.iter().find(|line| line.starts_with(start) && line.contains(part)) {
                return line.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!log.1 && !left.is_zero(), "no line {start:?} with {part:?} in {:#?}", log.0);
            log = self.log.news.wait_timeout(log, left).unwrap().0;
        }
    }

    pub fn address(&self) -> SocketAddr {
        value(&self.line("listening", ""), "address").parse().unwrap()
    }

    /// Waits until everything is verified; returns the address.
    pub fn ready(&self) -> SocketAddr {
        self.line("ready", "");
        self.address()
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the process to end; returns its status and all its lines.
    pub fn end(mut self) -> (ExitStatus, Vec<String>) {
        // Beyond the minute for which a courier tries.
        let patience = Duration::from_secs(90);
        let log = Arc::clone(&self.log);
        let (log, late) = log.news.wait_timeout_while(log.lines.lock().unwrap(), patience, |log| !log.1).unwrap();
        assert!(!late.timed_out(), "it does not end: {:#?}", log.0);
        (self.child.wait().unwrap(), log.0.clone())
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until no thread of it runs or is about to: what follows an answer is done, such as taking note of who is idle.
    pub fn await_rest(&self) {
        self.await_state('S');
    }

    /// Lets it stand still, until it is told to go on by the signal `CONT`.
    pub fn stop(&self) {
        self.signal("STOP");
        self.await_state('T');
    }

    fn await_state(&self, state: char) {
        let is_there = |task: std::fs::DirEntry| {
            let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            // Behind the name, which is in brackets; a thread that has ended meanwhile has none.
            stat.is_empty() || stat.rsplit(") ").next().unwrap().starts_with(state)
        };
        let mut rested = 0;
        while rested < 2 {
            let tasks = std::fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap();
            rested = if tasks.flatten().all(is_there) { rested + 1 } else { 0 };
            std::thread::yield_now();
        }
    }

    /// Waits until no thread answers any more: they leave idle connections after a moment.
    pub fn await_few_threads(&self) {
        // Far beyond that moment: a test that hangs shall say where.
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.memory("Threads:") > 4 {
            assert!(Instant::now() < deadline, "{} threads", self.memory("Threads:"));
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// A figure of /proc/<pid>/status, in KiB unless it is a count.
    pub fn memory(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// The value of a key in a log line.
pub fn value(line: &str, key: &str) -> String {
    let start = format!("{key}=");
    line.split(' ').find_map(|field| field.strip_prefix(&start)).unwrap_or_else(|| panic!("no {key} in {line}")).to_string()
}
