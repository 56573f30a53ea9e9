//! Memory and speed of the binary as it is shipped.

use std::io::{Read, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use jackal_injector::system::raise_open_files;

use crate::client::Client;
use crate::fixture::{Fixture, OCI_MANIFEST, noise, path};
use crate::process::{Injector, shipped, value};

const LIMIT: u64 = 8 << 10;

/// Pulls a blob of `size` bytes with `clients` at a time, each by a thread that throws the bytes away.
fn pull(fixture: &Fixture, blob: &str, size: usize, clients: usize) -> Injector {
    let injector = Injector::serve_with(fixture, Command::new(shipped()));
    let address = injector.ready();
    let target = path(&format!("demo/blobs/{blob}"));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let mut client = Client::new(address);
                client.write(format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
                let mut piece = vec![0; 256 << 10];
                let mut total = 0;
                loop {
                    match client.socket.read(&mut piece).unwrap() {
                        0 => break,
                        count => total += count,
                    }
                }
                assert!(total > size);
            });
        }
    });
    let rate = (size * clients) as f64 / 1e6 / started.elapsed().as_secs_f64();
    println!("{clients} clients, {size} bytes each: {rate:.0} MB/s, peak {} KiB", injector.memory("VmHWM:"));
    injector
}

#[test]
fn eight_clients_pull_100_mb_in_less_than_8_mib() {
    let mut fixture = Fixture::new();
    fixture.chunk_size = 512 << 10;
    let blob = fixture.blob(&noise(80, 100_000_000));
    fixture.record("repository demo").write();
    let injector = pull(&fixture, &blob, 100_000_000, 8);
    assert!(injector.memory("VmHWM:") < LIMIT);
}

#[test]
fn sixty_four_connections_fit_into_8_mib() {
    let mut fixture = Fixture::new();
    fixture.chunk_size = 512 << 10;
    let blob = fixture.blob(&noise(81, 10_000_000));
    fixture.record("repository demo").write();
    let injector = pull(&fixture, &blob, 10_000_000, 64);
    assert!(injector.memory("VmHWM:") < LIMIT);
}

#[test]
fn a_thousand_heads_that_do_not_end_fit_into_40_mib() {
    let mut fixture = Fixture::new();
    fixture.record("repository demo").write();
    let injector = Injector::serve(&fixture);
    let address = injector.ready();
    raise_open_files();
    let start = "GET /v2/ HTTP/1.1\r\nHost: x\r\nX: ";
    let head = format!("{start}{}", "x".repeat((16 << 10) - 1 - start.len()));
    let connect = |_| {
        let mut client = Client::new(address);
        client.write(&head);
        client
    };
    let mut clients: Vec<Client> = (0..1000).map(connect).collect();
    // What is beyond a head is refused, not kept, so a write may fail.
    for client in &mut clients {
        let _ = client.socket.write_all(&[b'x'; 47 << 10]);
    }
    for client in &mut clients {
        client.rest();
    }
    println!("1000 heads: peak {} KiB", injector.memory("VmHWM:"));
    assert!(injector.memory("VmHWM:") < 40 << 10);
}

#[test]
fn one_mebibyte_is_ready_within_20_ms() {
    let mut fixture = Fixture::new();
    fixture.chunk_size = 512 << 10;
    let manifest = fixture.manifest(b"{}", OCI_MANIFEST);
    fixture.blob(&noise(82, 1 << 20));
    fixture.tag("demo", "latest", &manifest).write();
    // The machine may be busy: what counts is what the binary needs when it is let, and that it waits for nothing else.
    let once = |_| {
        let _ = std::fs::remove_dir_all(fixture.store());
        let started = Instant::now();
        let injector = Injector::serve_with(&fixture, Command::new(shipped()));
        injector.ready();
        let (elapsed, worked) = (started.elapsed(), processor_time(injector.pid()));
        println!(
            "from start to ready: {elapsed:?}, {worked:?} of processor, of which its own: {} ms",
            value(&injector.line("ready", ""), "ms")
        );
        worked < Duration::from_millis(20) && elapsed < Duration::from_millis(100)
    };
    assert!((0..100).any(once));
}

/// What all threads of a process, also those that have ended, have had of processors.
#[allow(unsafe_code)]
fn processor_time(pid: u32) -> Duration {
    let mut clock = 0;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: both pointers are those of local variables, which are written to during the calls only.
    let told = unsafe { [libc::clock_getcpuclockid(pid as libc::pid_t, &raw mut clock), libc::clock_gettime(clock, &raw mut time)] };
    assert_eq!(told, [0, 0]);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
