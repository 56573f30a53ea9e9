//! What may wait in the kernel of a connection: it counts as the container's memory.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::fixture::{Fixture, noise, path};
use crate::process::Injector;

/// What a client takes before it stops: enough for the kernel to let much more wait, were it allowed to.
const TAKEN: usize = 3_000_000;

/// A registry with one large blob, and the head that asks for it.
fn started() -> (Fixture, Injector, String) {
    let mut fixture = Fixture::new();
    let blob = fixture.blob(&noise(8, 20_000_000));
    fixture.record("repository demo").write();
    let injector = Injector::serve(&fixture);
    injector.ready();
    (fixture, injector, format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path(&format!("demo/blobs/{blob}"))))
}

/// What the kernel tells of the registry's side of a client's connection (proc(5), /proc/net/tcp).
struct Queued {
    /// Bytes that the other side has not confirmed, or that could not be sent yet.
    sent: u64,
    /// Bytes that came and that nobody has read yet.
    unread: u64,
    /// The timer that runs: 4 asks whether the other side takes more, when nothing is on its way to it.
    timer: u64,
}

fn queued(injector: &Injector, client: &Client) -> Queued {
    let port = |number: u16| format!(":{number:04X}");
    let (here, there) = (port(injector.address().port()), port(client.socket.local_addr().unwrap().port()));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let mut rows = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
    let row = rows.find(|fields| fields[1].ends_with(&here) && fields[2].ends_with(&there)).unwrap();
    let number = |text| u64::from_str_radix(text, 16).unwrap();
    let pair = |field: usize| row[field].split_once(':').map(|(first, second)| (number(first), number(second))).unwrap();
    let ((sent, unread), (timer, _)) = (pair(4), pair(5));
    Queued { sent, unread, timer }
}

/// Waits until what is queued is as it should be: what was taken on one side comes to the other a moment later.
fn queued_once(injector: &Injector, client: &Client, right: impl Fn(&Queued) -> bool) -> Queued {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let queued = queued(injector, client);
        if right(&queued) {
            return queued;
        }
        assert!(Instant::now() < deadline, "{} {} {}", queued.sent, queued.unread, queued.timer);
        std::thread::yield_now();
    }
}

#[test]
fn what_a_busy_connection_sends_waits_in_the_kernel_up_to_64_kib() {
    let (_fixture, injector, request) = started();
    let mut client = Client::new(injector.address());
    // Its thread waits for this client to take more, and reads nothing of it meanwhile.
    client.write(request).response_head();
    client.socket.set_nonblocking(true).unwrap();
    while client.socket.write(&[b'x'; 64 << 10]).is_ok() {}
    let Queued { unread, .. } = queued_once(&injector, &client, |queued| queued.unread > 0);
    assert!(unread <= 64 << 10, "{unread}");
}

#[test]
fn what_a_client_does_not_take_waits_in_the_store() {
    let (_fixture, injector, request) = started();
    let mut client = Client::new(injector.address());
    client.write(request).response_head();
    client.take(TAKEN);
    // Until then much is on its way, however little waits.
    queued_once(&injector, &client, |queued| queued.timer == 4);
    // No thread runs when the kernel takes no more of what this client does not take.
    injector.await_rest();
    let Queued { sent, .. } = queued(&injector, &client);
    assert!(sent <= 256 << 10, "{sent}");
}
