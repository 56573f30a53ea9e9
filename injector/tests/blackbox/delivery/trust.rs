//! Who may deliver: who proves to know the token, on this very connection, in time.

use std::time::{Duration, Instant};

use jackal_injector::token::Matter;

use super::started;
use crate::client::{Client, get};
use crate::deliverer::{Deliverer, NONCE, proof};
use crate::fixture::SECRET;
use crate::punctual::{UNPROVEN, punctually};

/// Expects an answer 403 and the end of the connection.
fn refused(stranger: &mut Deliverer, method: &str, target: &str, headers: &str) {
    let answer = stranger.request(method, target, headers);
    assert_eq!((answer.status, answer.header("Connection")), (403, Some("close")), "{method} {target}");
    assert_eq!(stranger.client.rest(), b"", "{method} {target}");
}

#[test]
fn without_a_proof_everything_is_403_and_the_connection_ends() {
    let (_fixture, injector, blobs) = started(&[b"some bytes"]);
    let blob = format!("/blobs/{}", blobs[0]);
    for (method, target) in
        [("GET", "/demands"), ("HEAD", &blob), ("PUT", &blob), ("PUT", "/catalog"), ("GET", "/prove"), ("GET", "/v2/"), ("POST", "/hello")]
    {
        refused(&mut Deliverer::new(injector.delivery()), method, target, "");
        let mut greeted = Deliverer::new(injector.delivery());
        greeted.hello();
        refused(&mut greeted, method, target, "");
    }
}

#[test]
fn a_wrong_proof_is_403_and_the_connection_ends() {
    let (_fixture, injector, _) = started(&[b"some bytes"]);
    for wrong in ["", "0", &"0".repeat(64), &"G".repeat(64), &"0".repeat(63)] {
        let mut stranger = Deliverer::new(injector.delivery());
        stranger.hello();
        refused(&mut stranger, "GET", "/prove", &format!("Jackal-Proof: {wrong}\r\n"));
    }
    let mut upper = Deliverer::new(injector.delivery());
    let server = upper.hello();
    let right = proof(Matter::Deliver, &NONCE, &server);
    refused(&mut upper, "GET", "/prove", &format!("Jackal-Proof: {}\r\n", right.to_uppercase()));
}

#[test]
fn a_proof_from_another_connection_counts_for_nothing() {
    let (_fixture, injector, _) = started(&[b"some bytes"]);
    let mut first = Deliverer::new(injector.delivery());
    let server = first.hello();
    let overheard = proof(Matter::Deliver, &NONCE, &server);
    assert_eq!(first.prove(&overheard).status, 204);
    let mut second = Deliverer::new(injector.delivery());
    assert_ne!(second.hello(), server);
    refused(&mut second, "GET", "/prove", &format!("Jackal-Proof: {overheard}\r\n"));
}

#[test]
fn the_servers_own_proof_sent_back_counts_for_nothing() {
    let (_fixture, injector, _) = started(&[b"some bytes"]);
    let mut stranger = Deliverer::new(injector.delivery());
    let server = stranger.hello();
    refused(&mut stranger, "GET", "/prove", &format!("Jackal-Proof: {}\r\n", proof(Matter::Serve, &NONCE, &server)));
}

#[test]
fn a_second_hello_is_403_before_the_proof_and_after_it() {
    let (_fixture, injector, _) = started(&[b"some bytes"]);
    let hello = format!("Jackal-Nonce: {}\r\n", "1".repeat(64));
    let mut stranger = Deliverer::new(injector.delivery());
    stranger.hello();
    refused(&mut stranger, "GET", "/hello", &hello);
    refused(&mut injector.deliverer(), "GET", "/hello", &hello);
}

#[test]
fn a_hello_without_a_nonce_is_400() {
    let (_fixture, injector, _) = started(&[b"some bytes"]);
    for headers in ["", "Jackal-Nonce: 12\r\n", &format!("Jackal-Nonce: {}\r\n", "F".repeat(64))] {
        let mut stranger = Deliverer::new(injector.delivery());
        assert_eq!(stranger.request("GET", "/hello", headers).status, 400, "{headers:?}");
        assert_eq!(stranger.client.rest(), b"");
    }
}

#[test]
fn whoever_proves_nothing_within_ten_seconds_is_closed() {
    let (_fixture, injector, blobs) = started(&[b"some bytes"]);
    let mut proven = injector.deliverer();
    punctually(UNPROVEN, |steps| {
        // The time runs from when the server has taken the connection.
        let started = Instant::now();
        steps.begin();
        let (silent, mut greeted) = (Client::new(injector.delivery()), Deliverer::new(injector.delivery()));
        greeted.hello();
        steps.step();
        for mut stranger in [silent, greeted.client] {
            assert_eq!(stranger.rest(), b"");
            // What is wrong with its end has nothing to do with when it said hello.
            steps.begin();
            assert!((Duration::from_secs(8)..Duration::from_secs(50)).contains(&started.elapsed()), "{:?}", started.elapsed());
        }
    });
    assert_eq!(proven.offset(&blobs[0]), (0, 10));
}

#[test]
fn when_places_are_short_the_unproven_go_first_and_then_the_idle_and_never_those_at_work() {
    let bytes = crate::fixture::noise(230, 100_000);
    punctually(UNPROVEN, |steps| {
        let (_fixture, injector, blobs) = started(&[&bytes]);
        let _feed = injector.deliverer().feed();
        let mut writing = injector.deliverer();
        writing.begin(&blobs[0], 0, bytes.len(), bytes.len(), "");
        // It is at work when its thread has seen that, which on a busy machine may be after all that follows.
        injector.await_rest();
        let came = Instant::now();
        steps.begin();
        let mut stranger = Client::new(injector.delivery());
        let mut proven: Vec<Deliverer> = (0..61).map(|_| injector.deliverer()).collect();
        // All 64 places are taken: the one who has proven nothing has to go, before its time is over.
        proven.push(injector.deliverer());
        assert_eq!(stranger.rest(), b"");
        assert!(came.elapsed() < UNPROVEN, "{:?}", came.elapsed());
        steps.step();
        // Now all are proven: the one that has said nothing for the longest has to go.
        let mut last = injector.deliverer();
        assert_eq!(proven.remove(0).client.rest(), b"");
        steps.begin();
        assert_eq!(last.offset(&blobs[0]), (0, 100_000));
        writing.client.write(&bytes);
        assert_eq!(writing.taken(), (201, Some(100_000)));
        for deliverer in &mut proven {
            assert_eq!(deliverer.offset(&blobs[0]), (100_000, 100_000));
        }
    });
}

#[test]
fn neither_port_answers_what_belongs_to_the_other() {
    let (_fixture, injector, blobs) = started(&[b"some bytes"]);
    let nowhere = get(injector.address(), "/no/such/path");
    let nonce = format!("Jackal-Nonce: {}\r\n", "1".repeat(64));
    for target in ["/hello", "/prove", "/demands", "/catalog", &format!("/blobs/{}", blobs[0])] {
        assert_eq!(Client::new(injector.address()).get_with(target, &nonce), nowhere, "{target}");
        let put = format!("PUT {target} HTTP/1.1\r\nHost: x\r\nContent-Range: bytes 0-9/10\r\nContent-Length: 10\r\n\r\nsome bytes");
        assert_eq!(Client::new(injector.address()).write(put).response(), nowhere, "{target}");
    }
    let mut deliverer = injector.deliverer();
    for target in ["/v2/", &format!("/{SECRET}/readyz"), &format!("/v2/{SECRET}/demo/blobs/{}", blobs[0])] {
        assert_eq!(deliverer.request("GET", target, "").status, 404, "{target}");
    }
}

#[test]
fn heads_are_limited_as_on_the_pull_port() {
    let (_fixture, injector, _) = started(&[b"some bytes"]);
    let long = format!("X: {}\r\n", "x".repeat(20 << 10));
    assert_eq!(Deliverer::new(injector.delivery()).request("GET", "/hello", &long).status, 400);
    let many: String = (0..200).map(|number| format!("X-{number}: y\r\n")).collect();
    assert_eq!(Deliverer::new(injector.delivery()).request("GET", "/hello", &many).status, 431);
    let mut stranger = Client::new(injector.delivery());
    assert!(stranger.write([0x16, 0x03, 0x01]).rest().starts_with(b"HTTP/1.1 400 "));
}
