//! SIGTERM: answers finish, and nobody new is served.

use std::time::{Duration, Instant};

use crate::client::{Client, get};
use crate::fixture::{Fixture, noise, path};
use crate::process::Injector;
use crate::punctual::{DRAIN, Steps, punctually};

#[test]
fn sigterm_lets_answers_finish_and_does_not_wait_for_those_that_stall() {
    let mut fixture = Fixture::new();
    let bytes = noise(64, 30_000_000);
    let blob = fixture.blob(&bytes);
    fixture.record("repository demo").write();
    let round = |steps: &Steps, signal: &str, stalls: bool| {
        let injector = Injector::serve(&fixture);
        let address = injector.ready();
        let _idle = Client::new(address);
        let mut client = Client::new(address);
        // More than the buffers of both sockets hold, so that one that stalls is still being answered.
        let end = if stalls { bytes.len() } else { 12_000_000 };
        let target = path(&format!("demo/blobs/{blob}"));
        client.write(format!("GET {target} HTTP/1.1\r\nHost: x\r\nRange: bytes=0-{}\r\n\r\n", end - 1));
        client.response_head();
        client.take(1);
        let started = Instant::now();
        steps.begin();
        injector.signal(signal);
        if !stalls {
            assert!(client.take(end - 1) == bytes[1..end]);
        }
        steps.step();
        let (status, lines) = injector.end();
        // What is wrong from here on has nothing to do with the time that the drain took.
        steps.begin();
        assert_eq!(status.code(), Some(0), "{signal}");
        assert!(started.elapsed() < Duration::from_secs(30), "{signal}: {:?}", started.elapsed());
        assert!(lines.last().unwrap().starts_with("jackal stopped connections=2 "), "{lines:#?}");
    };
    punctually(DRAIN, |steps| round(steps, "TERM", false));
    punctually(DRAIN, |steps| round(steps, "INT", true));
}

#[test]
fn while_it_drains_new_clients_are_sent_away() {
    let mut fixture = Fixture::new();
    let blob = fixture.blob(&noise(65, 30_000_000));
    fixture.record("repository demo").write();
    punctually(DRAIN, |steps| {
        let injector = Injector::serve(&fixture);
        let address = injector.ready();
        let mut stalled = Client::new(address);
        stalled.write(format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path(&format!("demo/blobs/{blob}"))));
        stalled.response_head();
        let mut kept = Client::new(address);
        assert_eq!(kept.get("/v2/").status, 200);
        steps.begin();
        injector.signal("TERM");
        // Until the signal is seen, requests are answered as before.
        let closing = (0..).map(|_| get(address, "/v2/")).find(|response| response.status != 200).unwrap();
        assert_eq!(closing.status, 503);
        assert_eq!(kept.get("/v2/").header("Connection"), Some("close"));
    });
}
