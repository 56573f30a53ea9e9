//! What feeds are told of what was pulled, and what it costs to know it. A process of its own, for its memory is looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::net::IpAddr;
use std::time::Duration;

use jackal_injector::server::demands::{Demands, Feed, Line};

const CLIENTS: u32 = 4000;
const PLACES: usize = 250;

/// What a feed is told until it is told nothing more.
fn told(feed: &Feed) -> Vec<Line> {
    std::iter::from_fn(|| Some(feed.next(Duration::ZERO)).filter(|lines| !lines.is_empty())).flatten().collect()
}

/// KiB of this process that are in memory.
fn resident() -> u64 {
    let status = read_to_string("/proc/self/status").unwrap();
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap().trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

#[test]
fn a_million_pulls_fit_into_2_mib_and_each_feed_is_told_each_once() {
    let demands = Demands::new(false);
    let pull = |places: std::ops::Range<usize>| {
        for place in places {
            // Addresses come in no order.
            let addresses = (0..CLIENTS).map(|number| IpAddr::from((10 << 24 | number.wrapping_mul(2_654_435_761) >> 8).to_be_bytes()));
            addresses.for_each(|client| demands.pulled(place, client));
        }
    };
    let before = resident();
    pull(0..PLACES);
    let taken = resident().saturating_sub(before);
    println!("{taken} KiB");
    assert!(taken < 2 << 10, "{taken} KiB");

    let first = demands.feed(|_| true);
    assert_eq!(first.next(Duration::ZERO).len(), 256);
    // This feed is behind, the next has not begun, and then both are current.
    pull(PLACES..PLACES + 1);
    let second = demands.feed(|_| true);
    let (mut lines, others) = (told(&first), told(&second));
    let all = CLIENTS as usize * (PLACES + 1);
    assert_eq!((lines.len(), others.len()), (all - 256, all));
    pull(PLACES + 1..PLACES + 2);
    pull(0..1);
    lines = told(&first);
    let places: BTreeSet<usize> =
        lines.iter().map(|line| if let Line::Pulled(place, _) = line { *place } else { panic!("{line:?}") }).collect();
    assert_eq!((lines.len(), places), (CLIENTS as usize, BTreeSet::from([PLACES + 1])));
    assert_eq!(told(&second).len(), CLIENTS as usize);
}
