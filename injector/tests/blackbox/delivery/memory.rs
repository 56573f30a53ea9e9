//! Memory of the binary as it is shipped, while much is delivered.

use std::process::Command;
use std::time::Instant;

use jackal_injector::digest::Hasher;

use crate::fixture::{Fixture, noise};
use crate::process::{Injector, shipped};

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
