//! Memory of the binary as it is shipped, while much is delivered, and that of its pages.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::time::Instant;

use jackal_injector::digest::Hasher;

use super::started;
use crate::fixture::{Fixture, noise};
use crate::process::{Injector, shipped};
use crate::refusals::refuse;

const BLOCK: usize = 1 << 20;
const BLOCKS: usize = 250;
/// KiB.
const LIMIT: u64 = 8 << 10;

#[test]
fn half_a_gigabyte_on_two_connections_fits_into_8_mib() {
    let mut fixture = Fixture::new();
    let size = BLOCK * BLOCKS;
    let blobs = [260, 261].map(|seed| {
        let (block, mut hasher) = (noise(seed, BLOCK), Hasher::new());
        (0..BLOCKS).for_each(|_| hasher.update(&block));
        let digest = hasher.finish().to_string();
        fixture.record(format!("blob {digest} {size}"));
        (digest, block)
    });
    fixture.record("repository demo").write_parcels(&[]);
    let options = fixture.delivery();
    let injector = Injector::launch(&fixture, Command::new(shipped()), "127.0.0.1:0", &options.each_ref().map(String::as_str));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for (digest, block) in &blobs {
            let mut deliverer = injector.deliverer();
            scope.spawn(move || {
                deliverer.begin(digest, 0, size, size, "");
                for _ in 0..BLOCKS {
                    deliverer.client.write(block);
                }
                assert_eq!(deliverer.taken(), (201, Some(size as u64)));
            });
        }
    });
    let rate = (2 * size) as f64 / 1e6 / started.elapsed().as_secs_f64();
    println!("2 connections, {size} bytes each: {rate:.0} MB/s, peak {} KiB", injector.memory("VmHWM:"));
    assert!(injector.memory("VmHWM:") < LIMIT);
}

/// How many pages of a file are not on its disk yet. None where the kernel cannot tell (before 6.5).
#[allow(unsafe_code)]
fn unwritten(file: &File) -> Option<u64> {
    // Linux' include/uapi/linux/mman.h. The same number everywhere.
    const SYS_CACHESTAT: libc::c_long = 451;
    let (all, mut pages) = ([0_u64; 2], [0_u64; 5]);
    // SAFETY: both are local variables of the sizes of the kernel's structures, and used during the call only.
    let answer = unsafe { libc::syscall(SYS_CACHESTAT, file.as_raw_fd(), all.as_ptr(), pages.as_mut_ptr(), 0) };
    match answer {
        0 => Some(pages[1] + pages[2]),
        _ if io::Error::last_os_error().raw_os_error() == Some(libc::ENOSYS) => None,
        _ => panic!("{}", io::Error::last_os_error()),
    }
}

#[test]
fn little_of_a_content_waits_for_its_way_to_the_disk() {
    let bytes = noise(269, 64 << 20);
    let (fixture, injector, blobs) = started(&[&bytes]);
    let end = bytes.len() - 1;
    assert_eq!(injector.deliverer().put(&blobs[0], &bytes, 0, end), (200, Some(end as u64)));
    let file = File::open(fixture.store().join(format!("{}.part", &blobs[0]["sha256:".len()..]))).unwrap();
    match unwritten(&file) {
        Some(pages) => assert!(pages <= (12 << 20) / 4096, "{pages} pages"),
        None => eprintln!("SKIPPED: this kernel does not tell what it has not written"),
    }
}

/// A store whose pages cannot be taken to the disk for this reason.
fn with_pages_refused(error: libc::c_int) -> (Fixture, Injector, String, Vec<u8>) {
    let mut fixture = Fixture::new();
    let bytes = noise(270, 5 << 20);
    let blob = fixture.list(&bytes);
    fixture.record("repository demo").write_parcels(&[]);
    let mut command = Command::new(shipped());
    refuse(&mut command, libc::SYS_sync_file_range, None, error);
    let options = fixture.delivery();
    let injector = Injector::launch(&fixture, command, "127.0.0.1:0", &options.each_ref().map(String::as_str));
    (fixture, injector, blob, bytes)
}

#[test]
fn a_disk_that_is_found_full_only_when_pages_reach_it_ends_the_process_with_15() {
    let (_fixture, injector, blob, bytes) = with_pages_refused(libc::ENOSPC);
    let mut deliverer = injector.deliverer();
    deliverer.begin(&blob, 0, bytes.len(), bytes.len(), "");
    // The process may be gone before all is written.
    let _ = io::Write::write_all(&mut deliverer.client.socket, &bytes);
    let (status, lines) = injector.end();
    assert_eq!(status.code(), Some(15));
    assert!(lines.last().unwrap().contains("is full while writing"), "{lines:#?}");
}

#[test]
fn where_pages_cannot_be_taken_to_the_disk_a_content_comes_all_the_same() {
    let (_fixture, injector, blob, bytes) = with_pages_refused(libc::EPERM);
    let size = bytes.len();
    assert_eq!(injector.deliverer().put(&blob, &bytes, 0, size), (201, Some(size as u64)));
}
