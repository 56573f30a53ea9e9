//! Properties of copying: in which order contents come, which answers are taken, and what is demanded meanwhile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use jackal_injector::commands::reply::Reply;
use jackal_injector::commands::serve::copying::offer;
use jackal_injector::commands::serve::copying::queue::{Candidate, Queue, Step, Tally};
use jackal_injector::commands::serve::copying::source::Until;
use jackal_injector::server::demands::{Demands, Line};
use proptest::prelude::*;

fn candidates(kinds: &[(bool, u64)]) -> Vec<Candidate> {
    kinds.iter().enumerate().map(|(place, (blob, size))| Candidate { blob: *blob, size: *size, place }).collect()
}

proptest! {
    #[test]
    fn each_content_is_looked_for_once_and_copied_once_when_it_is_there(
        kinds in proptest::collection::vec((any::<bool>(), 0u64..1000), 0..30),
        steps in proptest::collection::vec((0u8..3, any::<usize>()), 0..200),
        there in proptest::collection::vec(any::<bool>(), 30),
        awaited in proptest::collection::vec(any::<bool>(), 30),
    ) {
        let mut queue = Queue::new(candidates(&kinds));
        let (mut asked, mut looked, mut copied, mut told) = (Vec::new(), BTreeSet::new(), BTreeSet::new(), Vec::new());
        let waits = |candidate: &Candidate| awaited[candidate.place];
        // Some steps as they come, then all that is left.
        for (step, pick) in steps.into_iter().chain((0..200).map(|number| (number % 2, 0))) {
            if step > 0 && !asked.is_empty() {
                let answered: Candidate = asked.remove(pick % asked.len());
                told.extend(queue.settle(there[answered.place].then_some(answered)));
                continue;
            }
            match queue.next(|places| places.enumerate().find(|(_, place)| awaited[*place]).map(|(index, _)| index)) {
                Some((Step::LookUp, candidate)) => {
                    prop_assert!(looked.insert(candidate));
                    // Whoever comes later is neither waited for with nobody waiting for this one, nor before it in the order.
                    let later = candidates(&kinds).into_iter().filter(|other| !looked.contains(other));
                    prop_assert!(later.into_iter().all(|other| (!waits(&candidate), candidate) < (!waits(&other), other)));
                    asked.push(candidate);
                }
                Some((Step::Copy, candidate)) => {
                    prop_assert!(looked.contains(&candidate) && there[candidate.place] && copied.insert(candidate));
                    prop_assert!(waits(&candidate) || looked.len() == kinds.len(), "questions come before copies that nobody waits for");
                    let later = looked.iter().filter(|other| there[other.place] && !copied.contains(*other) && !asked.contains(*other));
                    prop_assert!(later.into_iter().all(|other| (!waits(&candidate), candidate) < (!waits(other), *other)));
                }
                None => {}
            }
        }
        let expected: BTreeSet<Candidate> = candidates(&kinds).into_iter().filter(|candidate| there[candidate.place]).collect();
        let bytes = expected.iter().map(|candidate| candidate.size).sum();
        told.extend(queue.settle(None));
        prop_assert_eq!(told, vec![Tally { contents: expected.len(), bytes }]);
        prop_assert_eq!(copied, expected);
        prop_assert!(queue.drain().is_empty());
    }

    #[test]
    fn an_answer_is_taken_only_when_it_is_just_what_was_asked_for(size in 0u64..5000, offset in 0u64..5000, said in 0u64..5000, begun in 0u64..5000) {
        prop_assume!(offset == 0 || offset < size);
        let whole = |length: u64| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        let part = |first: u64, size: u64, length: u64| {
            let last = size.saturating_sub(1);
            format!("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{last}/{size}\r\nContent-Length: {length}\r\n\r\n")
        };
        let taken = |head: String| offer::check(&Reply::parse(head.as_bytes()).unwrap(), offset, size).is_ok();
        prop_assert_eq!(taken(whole(size)), offset == 0);
        prop_assert_eq!(taken(part(offset, size, size - offset)), offset > 0);
        prop_assert_eq!(taken(whole(said)), offset == 0 && said == size);
        prop_assert_eq!(taken(part(begun, size, size - offset)), offset > 0 && begun == offset);
        prop_assert_eq!(taken(part(offset, size, said)), offset > 0 && said == size - offset);
        prop_assert!(!taken(whole(size).replace("200 OK", "203 Non-Authoritative Information")));
        prop_assert!(!taken(whole(size).replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n")));
        let twice = whole(size).replace("\r\n\r\n", &format!("\r\nContent-Length: {size}\r\n\r\n"));
        prop_assert!(!taken(twice));
        prop_assert!(!taken(whole(size).replace("Content-Length: ", "Content-Length: +")));
        prop_assert!(!taken("HTTP/1.1 200 OK\r\n\r\n".into()));
    }
}

#[test]
fn an_answer_that_has_come_is_read_when_the_time_is_over() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut other, _) = listener.accept().unwrap();
    other.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    // As if this process had stood still until now.
    socket.peek(&mut [0]).unwrap();
    let until = Instant::now();
    let next = || Reply::read(&mut Until { socket: &socket, until }, &mut Vec::new());
    assert_eq!(next().unwrap().status, 200);
    assert_eq!(next().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn what_is_copied_is_demanded_as_soon_as_it_is_given_up_and_not_before() {
    let demands = Demands::new(true);
    let feed = demands.feed(|_| false);
    let _first = demands.demand(0, || false);
    let _second = demands.demand(1, || false);
    assert!(demands.is_copied(0) && demands.is_copied(1));
    assert_eq!((feed.next(Duration::ZERO), demands.feed(|_| false).next(Duration::ZERO)), (vec![], vec![]));
    demands.give_up_copy(1, || false);
    demands.give_up_copy(2, || false);
    assert_eq!(feed.next(Duration::ZERO), [Line::Wanted(1)]);
    assert_eq!(demands.feed(|_| false).next(Duration::ZERO), [Line::Wanted(1)]);
    assert!(demands.is_copied(0) && !demands.is_copied(1));
    demands.verified(0);
    demands.give_up_copy(0, || false);
    let _third = demands.demand(2, || false);
    assert_eq!(feed.next(Duration::ZERO), [Line::Verified(0), Line::Wanted(2)]);
    // This one came out of a parcel, of which nobody is told here.
    let _fourth = demands.demand(3, || false);
    demands.give_up_copy(3, || true);
    assert_eq!(feed.next(Duration::ZERO), []);
}

#[test]
fn without_copies_nothing_is_copied() {
    let demands = Demands::new(false);
    let feed = demands.feed(|_| false);
    let _demand = demands.demand(0, || false);
    demands.give_up_copy(1, || false);
    assert!(!demands.is_copied(0));
    assert_eq!(feed.next(Duration::ZERO), [Line::Wanted(0)]);
}
