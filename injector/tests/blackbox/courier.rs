//! `deliver`: a courier and what it does when things go wrong.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Instant;

use crate::client::get;
use crate::fixture::{Fixture, hex, noise, path};
use crate::process::{Injector, binary, value};
use crate::punctual::{UNPROVEN, punctually};
use crate::reserved::reserve;

/// A courier's mount and plan beside a run's fixture.
struct Errand<'run> {
    fixture: &'run Fixture,
    lines: Vec<String>,
}

impl<'run> Errand<'run> {
    fn new(fixture: &'run Fixture) -> Errand<'run> {
        Errand { fixture, lines: Vec::new() }
    }

    /// Adds bytes `first..end` of a blob to the plan, and their file to the mount.
    fn piece(mut self, blob: &[u8], first: usize, end: usize) -> Errand<'run> {
        let (bytes, name) = (&blob[first..end], format!("piece-{}", self.lines.len()));
        fs::write(self.fixture.directory.join("chunks").join(&name), bytes).unwrap();
        self.lines.push(format!("piece sha256:{} {} {first} {name} {} {}", hex(blob), blob.len(), bytes.len(), hex(bytes)));
        self
    }

    fn start(&self, to: SocketAddr) -> Injector {
        self.start_with(to, "token")
    }

    /// Starts the courier with a token's file of this name.
    fn start_with(&self, to: SocketAddr, token: &str) -> Injector {
        let directory = &self.fixture.directory;
        self.fixture.delivery();
        let lines: String = self.lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(directory.join("plan"), format!("jackal-plan 1\n{lines}end\n")).unwrap();
        let mut command = Command::new(binary());
        command.arg("deliver").arg("--plan").arg(directory.join("plan")).arg("--chunks").arg(directory.join("chunks"));
        command.arg("--to").arg(to.to_string()).arg("--token").arg(directory.join(token));
        Injector::start(command)
    }
}

fn run(blobs: &[&[u8]]) -> Fixture {
    let mut fixture = Fixture::new();
    for bytes in blobs {
        fixture.list(bytes);
    }
    fixture.record("repository demo").write_parcels(&[]);
    fixture
}

/// Expects an end with this code and returns the last line.
fn ends(courier: Injector, code: i32) -> String {
    let (status, lines) = courier.end();
    assert_eq!(status.code(), Some(code), "{lines:#?}");
    lines.last().unwrap().clone()
}

/// Hands a courier's next connection on to a registry, up to this many of its bytes.
fn pass_on(door: &TcpListener, to: SocketAddr, most: u64) {
    let (near, _) = door.accept().unwrap();
    let far = TcpStream::connect(to).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| io::copy(&mut &far, &mut &near));
        let _ = io::copy(&mut (&near).take(most), &mut &far);
        let _ = (far.shutdown(Shutdown::Both), near.shutdown(Shutdown::Both));
    });
}

/// Hands a courier's next connection on to a registry, which is killed when it waits for the bytes before those of the courier.
fn kill_at_put(door: &TcpListener, injector: Injector) {
    let (near, _) = door.accept().unwrap();
    let far = TcpStream::connect(injector.delivery()).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let _ = io::copy(&mut &far, &mut &near);
            near.shutdown(Shutdown::Both)
        });
        let mut head = String::new();
        while !(head.starts_with("PUT ") && head.ends_with("\r\n\r\n")) {
            let mut byte = [0];
            (&near).read_exact(&mut byte).unwrap();
            (&far).write_all(&byte).unwrap();
            if head.ends_with("\r\n\r\n") {
                head.clear();
            }
            head.push(char::from(byte[0]));
        }
        injector.await_rest();
        drop(injector);
    });
}

fn pulled(injector: &Injector, bytes: &[u8]) -> bool {
    get(injector.address(), &path(&format!("demo/blobs/sha256:{}", hex(bytes)))).body == bytes
}

#[test]
fn a_courier_brings_all_pieces_of_its_plan_and_ends() {
    let (first, second) = (noise(300, 150_000), noise(301, 50_000));
    let fixture = run(&[&first, &second]);
    let injector = Injector::serve_deliveries(&fixture);
    let errand = Errand::new(&fixture).piece(&first, 0, 100_000).piece(&first, 100_000, 150_000).piece(&second, 0, 50_000);
    let courier = errand.start(injector.delivery());
    assert!(courier.line("delivering", "").contains("pieces=3 bytes=200000 to=127.0.0.1:"));
    courier.line("delivered", &hex(&second));
    let last = ends(courier, 0);
    assert!(last.starts_with("jackal finished pieces=3 bytes=200000 sent=200000 connections=1 ms="), "{last}");
    assert!(pulled(&injector, &first) && pulled(&injector, &second));
}

#[test]
fn the_last_one_says_that_nothing_more_comes() {
    let (first, second) = (noise(320, 50_000), noise(321, 50_000));
    let fixture = run(&[&first, &second]);
    let injector = Injector::serve_deliveries(&fixture);
    let mut errand = Errand::new(&fixture).piece(&first, 0, 50_000);
    errand.lines.push("last".into());
    ends(errand.start(injector.delivery()), 0);
    injector.line("unavailable", &hex(&second));
    assert_eq!(get(injector.address(), &path(&format!("demo/blobs/sha256:{}", hex(&second)))).status, 404);
    assert!(pulled(&injector, &first));
}

#[test]
fn pieces_that_the_registry_says_it_has_are_not_sent() {
    let bytes = noise(302, 150_000);
    let fixture = run(&[&bytes]);
    let injector = Injector::serve_deliveries(&fixture);
    let errand = Errand::new(&fixture).piece(&bytes, 0, 50_000).piece(&bytes, 50_000, 100_000).piece(&bytes, 100_000, 150_000);
    injector.deliverer().put(&format!("sha256:{}", hex(&bytes)), &bytes, 0, 150_000);
    assert_eq!(value(&ends(errand.start(injector.delivery()), 0), "sent"), "50000");
}

#[test]
fn the_courier_of_a_later_part_waits_for_the_one_of_the_earlier() {
    let bytes = noise(303, 150_000);
    let fixture = run(&[&bytes]);
    let injector = Injector::serve_deliveries(&fixture);
    let late = Errand::new(&fixture).piece(&bytes, 100_000, 150_000).start(injector.delivery());
    late.line("delivering", "");
    assert_eq!(injector.deliverer().put(&format!("sha256:{}", hex(&bytes)), &bytes, 0, 100_000), (200, Some(100_000)));
    assert_eq!(value(&ends(late, 0), "connections"), "1");
    assert!(pulled(&injector, &bytes));
}

#[test]
fn a_registry_that_is_killed_half_way_needs_nothing_twice() {
    let bytes = noise(313, 150_000);
    punctually(UNPROVEN, |steps| {
        let (fixture, digest) = (run(&[&bytes]), format!("sha256:{}", hex(&bytes)));
        let injector = Injector::serve_deliveries(&fixture);
        assert_eq!(injector.deliverer().put(&digest, &bytes, 0, 50_000), (200, Some(50_000)));
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let late = Errand::new(&fixture).piece(&bytes, 100_000, 150_000).start(door.local_addr().unwrap());
        steps.begin();
        kill_at_put(&door, injector);
        steps.step();
        let injector = Injector::serve_deliveries(&fixture);
        assert_eq!(injector.deliverer().put(&digest, &bytes, 50_000, 100_000), (200, Some(100_000)));
        steps.begin();
        pass_on(&door, injector.delivery(), u64::MAX);
        steps.step();
        let last = ends(late, 0);
        steps.begin();
        assert_eq!((value(&last, "connections"), value(&last, "sent")), ("2".into(), "100000".into()));
        assert!(pulled(&injector, &bytes));
    });
}

#[test]
fn a_registry_that_comes_later_is_found() {
    let bytes = noise(304, 50_000);
    // A courier that never met its registry tries once more after 11 s and after 16 s.
    punctually(UNPROVEN, |steps| {
        let fixture = run(&[&bytes]);
        let (_reserved, to) = reserve();
        steps.begin();
        let courier = Errand::new(&fixture).piece(&bytes, 0, 50_000).start(to);
        courier.line("delivering", "");
        // It has been refused, and pauses.
        courier.await_rest();
        let mut options = fixture.delivery();
        options[1] = to.to_string();
        let injector = Injector::serve_to(&fixture, &options.each_ref().map(String::as_str));
        injector.line("listening", "");
        steps.step();
        let last = ends(courier, 0);
        assert!(pulled(&injector, &bytes), "{last}");
    });
}

#[test]
fn a_connection_that_is_cut_is_made_anew_and_bytes_that_came_count() {
    let bytes = noise(305, 1_000_000);
    punctually(UNPROVEN, |steps| {
        let fixture = run(&[&bytes]);
        let injector = Injector::serve_deliveries(&fixture);
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let courier = Errand::new(&fixture).piece(&bytes, 0, 500_000).piece(&bytes, 500_000, 1_000_000).start(door.local_addr().unwrap());
        steps.begin();
        for most in [700_000, u64::MAX] {
            pass_on(&door, injector.delivery(), most);
            steps.step();
        }
        let last = ends(courier, 0);
        steps.begin();
        assert_eq!((value(&last, "connections"), value(&last, "sent")), ("2".into(), "1500000".into()));
        assert!(pulled(&injector, &bytes));
    });
}

#[test]
fn a_wrong_or_missing_piece_ends_as_a_chunk_does() {
    let bytes = noise(306, 50_000);
    let fixture = run(&[&bytes]);
    let injector = Injector::serve_deliveries(&fixture);
    let errand = Errand::new(&fixture).piece(&bytes, 0, 50_000);
    let file = fixture.directory.join("chunks/piece-0");
    for (content, found) in
        [(&bytes[..49_999], "49999 bytes"), (&noise(307, 50_000)[..], "found sha256:"), (&noise(308, 50_001)[..], "more")]
    {
        fs::write(&file, content).unwrap();
        let last = ends(errand.start(injector.delivery()), 12);
        assert!(last.contains("code=chunk-wrong") && last.contains("piece-0") && last.contains(found), "{last}");
    }
    fs::remove_file(&file).unwrap();
    assert!(ends(errand.start(injector.delivery()), 11).contains("code=chunk-unreadable"));
    assert_eq!(injector.deliverer().offset(&format!("sha256:{}", hex(&bytes))), (0, 50_000));
}

#[test]
fn what_the_registry_does_not_list_or_finds_wrong_ends_at_once() {
    let (bytes, other) = (noise(309, 50_000), noise(310, 50_000));
    let fixture = run(&[&bytes]);
    let injector = Injector::serve_deliveries(&fixture);
    let last = ends(Errand::new(&fixture).piece(&other, 0, 50_000).start(injector.delivery()), 18);
    assert!(last.contains("code=not-delivered") && last.contains("404"), "{last}");
    let mut errand = Errand::new(&fixture).piece(&other, 0, 50_000);
    errand.lines[0] = errand.lines[0].replacen(&hex(&other), &hex(&bytes), 1);
    let last = ends(errand.start(injector.delivery()), 14);
    assert!(last.contains("code=blob-wrong") && last.contains(&hex(&bytes)), "{last}");
}

#[test]
fn a_server_that_does_not_know_the_token_gets_nothing_and_the_courier_gives_up_in_time() {
    let bytes = noise(311, 50_000);
    let fixture = run(&[&bytes]);
    let injector = Injector::serve_deliveries(&fixture);
    let started = Instant::now();
    fs::write(fixture.directory.join("other"), "y".repeat(40)).unwrap();
    let last = ends(Errand::new(&fixture).piece(&bytes, 0, 50_000).start_with(injector.delivery(), "other"), 21);
    // Its pauses are as long as that allows, and one less.
    assert!(started.elapsed().as_secs() >= 10, "{:?}", started.elapsed());
    assert!(last.contains("code=not-reached") && last.contains("does not know the token"), "{last}");
    assert!(last.contains("nothing was taken for 20 s"), "{last}");
    assert!(!last.contains("yyyy"), "{last}");
}

#[test]
fn a_bad_plan_is_19_and_names_the_line() {
    let fixture = run(&[]);
    let digest = "0".repeat(64);
    for (line, reason) in [
        ("piece", "is no piece"),
        ("last\nlast", "\"last\" is no piece"),
        (&format!("piece sha256:{digest} 10 5 name 6 {digest}")[..], "no 6 bytes from byte 5 on of 10 bytes"),
        (&format!("piece sha256:{digest} 10 0 name 0 {digest}")[..], "no 0 bytes"),
        (&format!("piece sha256:{digest} 99999999 0 name 9999999 {digest}")[..], "no 9999999 bytes"),
        (&format!("piece sha256:{digest} 10 0 ../name 5 {digest}")[..], "no plain relative path"),
        (&format!("piece {digest} 10 0 name 5 {digest}")[..], "is not sha256:"),
    ] {
        let mut errand = Errand::new(&fixture);
        errand.lines.push(line.into());
        let last = ends(errand.start("127.0.0.1:1".parse().unwrap()), 19);
        assert!(last.contains("code=plan") && last.contains("line 2: ") && last.contains(reason), "{last}");
    }
}

#[test]
fn sigterm_ends_a_courier_with_18() {
    let bytes = noise(312, 50_000);
    let fixture = run(&[&bytes]);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let courier = Errand::new(&fixture).piece(&bytes, 0, 50_000).start(silent.local_addr().unwrap());
    let (mut door, _) = silent.accept().unwrap();
    door.read_exact(&mut [0; 10]).unwrap();
    courier.signal("TERM");
    assert!(ends(courier, 18).contains("told to end before all was delivered"));
    let _ = door.write_all(b"late");
}
