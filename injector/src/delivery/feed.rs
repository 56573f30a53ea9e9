//! The feed of demands: an endless body, one line for each thing that happens.

use std::convert::Infallible;
use std::fmt::Write;
use std::io;
use std::time::Duration;

use crate::server::demands::{Demands, Line};
use crate::server::http::wire::Wire;
use crate::server::opening::Opening;

/// How long nothing is said before the feed says that it is alive.
const SILENCE: Duration = Duration::from_secs(5);
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Tells lines for as long as the client takes them. While there is no catalog yet, there are none but signs of life.
pub fn tell(opening: &Opening, demands: &Demands, wire: &Wire) -> io::Result<Infallible> {
    let feed = demands.feed(|place| opening.registry().is_some_and(|shared| shared.store.is_verified(place)));
    wire.write(HEAD)?;
    loop {
        let mut text = String::new();
        for line in feed.next(SILENCE) {
            append(&mut text, opening, line);
        }
        if text.is_empty() {
            text.push_str("alive\n");
        }
        wire.write(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes())?;
    }
}

fn append(text: &mut String, opening: &Opening, line: Line) {
    let place = match line {
        Line::Wanted(place) | Line::Verified(place) | Line::Wrong(place) | Line::Pulled(place, _) => place,
    };
    let Some((shared, content)) = opening.registry().and_then(|shared| Some((shared, shared.catalog.contents.get(place)?))) else {
        return;
    };
    let (digest, size) = (content.digest, content.size);
    // Writing into a string does not fail.
    let _ = match line {
        Line::Wanted(_) => writeln!(text, "wanted {digest} {}", shared.store.offset(place)),
        Line::Verified(_) => writeln!(text, "verified {digest} {size}"),
        Line::Wrong(_) => writeln!(text, "wrong {digest}"),
        Line::Pulled(_, client) => writeln!(text, "pulled {digest} {size} {client}"),
    };
}
