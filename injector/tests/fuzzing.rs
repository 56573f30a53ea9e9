//! The fuzz targets on the stable toolchain: the committed corpus, and a bounded number of seeded mutations of it.
//! `FUZZ_SECONDS` makes each target go on for that long instead.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "../fuzz/inputs.rs"]
mod inputs;

use std::time::{Duration, Instant};

const MUTATIONS: u64 = 100_000;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }
}

fn mutate(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(6) {
        let place = random.below(bytes.len());
        match random.below(6) {
            0 if !bytes.is_empty() => bytes[place] = random.below(256) as u8,
            1 if !bytes.is_empty() => bytes[place] ^= 1 << random.below(8),
            2 => bytes.insert(place, [0, b'\n', b' ', b'=', b'-', b'0', b'9', 255][random.below(8)]),
            3 => bytes.truncate(place),
            4 => {
                let other = &corpus[random.below(corpus.len())];
                bytes.extend_from_slice(&other[random.below(other.len())..]);
            }
            _ => {
                bytes.drain(place..(place + random.below(40)).min(bytes.len()));
            }
        }
    }
    bytes
}

fn fuzz(name: &str, target: fn(&[u8])) {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let corpus: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    assert!(!corpus.is_empty(), "{} is empty", directory.display());
    corpus.iter().for_each(|input| target(input));
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let (started, mut random, mut inputs) = (Instant::now(), Random(0x6a61_636b_616c), 0);
    while seconds.map_or(inputs < MUTATIONS, |seconds| started.elapsed() < seconds) {
        let input = mutate(&mut random, &corpus);
        if std::panic::catch_unwind(|| target(&input)).is_err() {
            panic!("{name} fails with {input:?}");
        }
        inputs += 1;
    }
    println!("{name}: {inputs} inputs in {:?}", started.elapsed());
}

#[test]
fn tar_readers_take_any_bytes() {
    fuzz("tar", inputs::tar);
}

#[test]
fn heads_take_any_bytes() {
    fuzz("head", inputs::head);
}

#[test]
fn ranges_take_any_bytes() {
    fuzz("range", inputs::range);
}

#[test]
fn command_lines_take_any_bytes() {
    fuzz("arguments", inputs::arguments);
}

#[test]
fn statuses_take_any_bytes() {
    fuzz("status", inputs::status);
}

#[test]
fn delivery_heads_take_any_bytes() {
    fuzz("delivery", inputs::delivery);
}

#[test]
fn content_ranges_take_any_bytes() {
    fuzz("slice", inputs::slice);
}

#[test]
fn preferences_take_any_bytes() {
    fuzz("preference", inputs::preference);
}

#[test]
fn catalogs_take_any_bytes() {
    fuzz("catalog", inputs::catalog);
}

#[test]
fn plans_take_any_bytes() {
    fuzz("plan", inputs::plan);
}

#[test]
fn offers_take_any_bytes() {
    fuzz("offer", inputs::offer);
}

#[test]
fn replies_take_any_bytes() {
    fuzz("reply", inputs::reply);
}
