//! What passes, and what ends it.

use std::io::{ErrorKind, Write};
use std::net::Shutdown;
use std::process::Command;
use std::time::{Duration, Instant};

use jackal_injector::system;

use super::{addresses, connect, error, fill, pair, passes, patient, relay, relayed, rest};
use crate::client::Client;
use crate::fixture::{Fixture, noise, path};
use crate::process::{Injector, binary};

fn pattern(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|place| (place / 251) as u8 ^ (place as u8).wrapping_mul(31) ^ seed).collect()
}

#[test]
fn bytes_pass_both_ways_at_once_whole_and_in_order() {
    let (registry, _relay, address) = relayed();
    let (client, server) = pair(&registry, address);
    let (up, down) = (pattern(20_000_000, 1), pattern(30_000_000, 2));
    std::thread::scope(|scope| {
        for (mut from, bytes) in [(&client, &up), (&server, &down)] {
            scope.spawn(move || {
                from.write_all(bytes).unwrap();
                from.shutdown(Shutdown::Write).unwrap();
            });
        }
        let taken = scope.spawn(|| rest(&server));
        assert!(rest(&client) == down);
        assert!(taken.join().unwrap() == up);
    });
}

#[test]
fn each_connection_has_one_of_its_own() {
    let (registry, _relay, address) = relayed();
    let first = pair(&registry, address);
    let second = pair(&registry, address);
    for (client, server) in [&second, &first] {
        passes(client, server, b"up");
        passes(server, client, b"down");
    }
}

#[test]
fn the_end_of_one_direction_passes_and_the_other_goes_on() {
    let (registry, _relay, address) = relayed();
    for ends in ["client", "registry"] {
        let (client, server) = pair(&registry, address);
        let (first, second) = if ends == "client" { (&client, &server) } else { (&server, &client) };
        passes(first, second, b"question");
        first.shutdown(Shutdown::Write).unwrap();
        assert_eq!(rest(second), b"", "{ends}");
        let answer = pattern(5_000_000, 3);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut second = second;
                second.write_all(&answer).unwrap();
                second.shutdown(Shutdown::Write).unwrap();
            });
            assert!(rest(first) == answer, "{ends}");
        });
    }
}

#[test]
fn what_was_sent_before_the_registry_took_the_connection_is_not_lost_even_if_its_sender_is_done() {
    let (registry, _relay, address) = relayed();
    let mut client = connect(address);
    client.write_all(b"early").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let server = patient(registry.accept().unwrap().0);
    assert_eq!(rest(&server), b"early");
}

#[test]
fn a_reset_of_either_side_ends_both() {
    let (registry, _relay, address) = relayed();
    let (client, server) = pair(&registry, address);
    passes(&client, &server, b"x");
    system::reset(client);
    assert_eq!(error(&server), ErrorKind::ConnectionReset);
    let (client, server) = pair(&registry, address);
    passes(&client, &server, b"x");
    system::reset(server);
    assert_eq!(error(&client), ErrorKind::ConnectionReset);
}

#[test]
fn a_reset_ends_both_also_while_the_other_side_takes_nothing() {
    let (registry, _relay, address) = relayed();
    let (client, server) = pair(&registry, address);
    assert!(fill(&server) > 0);
    system::reset(server);
    let deadline = Instant::now() + Duration::from_secs(60);
    let fault = loop {
        if let Some(fault) = client.take_error().unwrap() {
            break fault;
        }
        assert!(Instant::now() < deadline, "the client was told nothing");
        std::thread::yield_now();
    };
    assert_eq!(fault.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn one_that_takes_nothing_does_not_keep_others_waiting() {
    let (registry, _relay, address) = relayed();
    let (stalled, filler) = pair(&registry, address);
    let mut sent = fill(&filler);
    let (client, server) = pair(&registry, address);
    passes(&server, &client, &vec![5; 100_000]);
    passes(&client, &server, &vec![6; 100_000]);
    // All that it was slow to take is still there.
    sent += fill(&filler);
    filler.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&stalled).len(), sent);
}

#[test]
fn a_registry_behind_a_relay_answers_as_it_does_itself() {
    let mut fixture = Fixture::new();
    let bytes = noise(110, 3_000_000);
    let target = path(&format!("demo/blobs/{}", fixture.blob(&bytes)));
    fixture.record("repository demo").write();
    let registry = Injector::serve(&fixture);
    let relay = relay(Command::new(binary()), registry.ready(), &["127.0.0.1:0"]);
    let mut client = Client::new(addresses(&relay)[0]);
    for _ in 0..2 {
        let answer = client.get(&target);
        assert!(answer.status == 200 && answer.body == bytes);
    }
    // A runtime that tries TLS first is told at once that there is none.
    assert_eq!(Client::new(addresses(&relay)[0]).write(b"\x16\x03\x01\x02\x00\x01").response().status, 400);
}
