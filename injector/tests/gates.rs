//! What is shipped: static, small, and one that runs, for both architectures. Cargo builds both targets here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

/// Most bytes of one binary.
const LIMIT: usize = 576 << 10;
/// How often the emulated binary is run. Slow as it is there, its intake and its end meet in about one run of ten, and once "ready"
/// came after the last line.
const ROUNDS: usize = 40;

fn build(architecture: &str) -> PathBuf {
    let target = format!("{architecture}-unknown-linux-musl");
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../shipped");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--release", "--target", &target, "--target-dir"]).arg(&directory);
    // Flags from outside would take the place of those in .cargo/config.toml.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").current_dir(env!("CARGO_MANIFEST_DIR"));
    assert!(cargo.status().unwrap().success(), "cargo cannot build for {target}; `rustup target add {target}` adds the target");
    directory.join(target).join("release/injector")
}

fn number(bytes: &[u8], from: usize, length: usize) -> usize {
    bytes[from..from + length].iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte))
}

/// Checks an ELF file: 64 bit, little end first, executable at a fixed address, no interpreter, nothing to link at run time.
fn check(path: &Path, machine: usize) {
    let bytes = std::fs::read(path).unwrap();
    println!("{}: {} bytes", path.display(), bytes.len());
    assert!(bytes.len() <= LIMIT, "{} has {} bytes, more than {LIMIT}", path.display(), bytes.len());
    assert_eq!(&bytes[..6], b"\x7fELF\x02\x01");
    assert_eq!((number(&bytes, 16, 2), number(&bytes, 18, 2)), (2, machine), "type and machine");
    let (table, size, count) = (number(&bytes, 32, 8), number(&bytes, 54, 2), number(&bytes, 56, 2));
    let kinds: Vec<usize> = (0..count).map(|place| number(&bytes, table + place * size, 4)).collect();
    assert!(kinds.contains(&1), "segments are loaded");
    assert!(!kinds.contains(&2) && !kinds.contains(&3), "a dynamic section or an interpreter: {kinds:?}");
}

#[test]
fn the_x86_64_binary_is_static_and_small() {
    check(&build("x86_64"), 62);
}

#[test]
fn the_aarch64_binary_is_static_and_small_and_runs() {
    let binary = build("aarch64");
    check(&binary, 183);
    let emulator = ["qemu-aarch64-static", "qemu-aarch64"].into_iter().find(|name| Command::new(name).arg("--version").output().is_ok());
    let command = || match (cfg!(target_arch = "aarch64"), emulator) {
        (true, _) => Some(Command::new(&binary)),
        (false, Some(emulator)) => {
            let mut command = Command::new(emulator);
            command.arg(&binary);
            Some(command)
        }
        (false, None) => None,
    };
    if command().is_none() {
        assert!(std::env::var_os("CI").is_none(), "CI runs the aarch64 binary by qemu-user-static, which is missing");
        return eprintln!("SKIPPED: the aarch64 binary runs on this machine only with qemu-user-static, which is not installed");
    }
    for _ in 0..ROUNDS {
        serve(&mut command().unwrap());
    }
}

/// A process that does not outlive a test that fails.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = (self.0.kill(), self.0.wait());
    }
}

/// Lets the binary take one small parcel, pulls its blob over loopback, and ends it.
fn serve(command: &mut Command) {
    use jackal_injector::digest;
    use std::io::{BufRead, BufReader, Read, Write};

    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("emulated-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let blob = vec![b'y'; 100_000];
    let hex = digest::of(&blob).hex();
    let mut tar = vec![0; 512];
    tar[..77].copy_from_slice(format!("blobs/sha256/{hex}").as_bytes());
    tar[124..135].copy_from_slice(format!("{:011o}", blob.len()).as_bytes());
    tar[156] = b'0';
    tar[148..156].fill(b' ');
    let sum: u32 = tar.iter().map(|byte| u32::from(*byte)).sum();
    tar[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    tar.extend_from_slice(&blob);
    tar.resize(tar.len().next_multiple_of(512) + 1024, 0);
    std::fs::write(directory.join("chunk"), &tar).unwrap();
    let (secret, length, chunk) = ("5".repeat(32), tar.len(), digest::of(&tar).hex());
    let catalog = format!(
        "jackal-catalog 1\nprefix {secret}\nblob sha256:{hex} 100000\nrepository r\nparcel p {length}\nchunk chunk {length} {chunk}\nend\n"
    );
    std::fs::write(directory.join("catalog"), catalog).unwrap();
    command.arg("serve").arg("--catalog").arg(directory.join("catalog")).arg("--chunks").arg(&directory);
    command.arg("--store").arg(directory.join("store")).args(["--listen", "127.0.0.1:0"]).stdout(std::process::Stdio::piped());
    let mut served = Served(command.spawn().unwrap());
    let child = &mut served.0;
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let listening = lines.next().unwrap();
    let address = listening.split("address=").nth(1).unwrap().split(' ').next().unwrap().to_string();
    let mut socket = std::net::TcpStream::connect(address).unwrap();
    // Far beyond what it takes: a test that hangs shall say where.
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    socket.write_all(format!("GET /v2/{secret}/r/blobs/sha256:{hex} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n") && answer.ends_with(&blob));
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    assert!(lines.last().unwrap().starts_with("jackal stopped "));
    std::fs::remove_dir_all(&directory).unwrap();
}
