// What one fuzz input is put through. Shared by the cargo-fuzz targets and by the bounded test that runs on the stable toolchain.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use jackal_injector::catalog::Catalog;
use jackal_injector::commands::arguments::Command;
use jackal_injector::commands::courier::plan::Plan;
use jackal_injector::commands::reply::{self, Reply};
use jackal_injector::commands::serve::copying::offer;
use jackal_injector::delivery::request::Request;
use jackal_injector::digest::{self, Digest};
use jackal_injector::failure::{ExitCode, Failure};
use jackal_injector::intake::tar::{Reader, Receiver};
use jackal_injector::server::http::content_range::Slice;
use jackal_injector::server::http::head;
use jackal_injector::server::http::preference;
use jackal_injector::server::http::query;
use jackal_injector::server::http::range::{Selection, select};
use jackal_injector::server::listen::Listen;

#[derive(Default)]
struct Counter {
    left: u64,
    files: u64,
    open: bool,
}

impl Receiver for Counter {
    fn begin(&mut self, _: Digest, size: u64) -> Result<(), Failure> {
        assert!(!self.open, "a file begins inside a file");
        self.open = true;
        self.left = size;
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        assert!(self.open && bytes.len() as u64 <= self.left, "more bytes than the header says");
        self.left -= bytes.len() as u64;
        Ok(())
    }

    fn end(&mut self, boundary: u64) -> Result<(), Failure> {
        assert!(self.open && self.left == 0 && boundary.is_multiple_of(512), "a file ends too early");
        self.open = false;
        self.files += 1;
        Ok(())
    }
}

/// Reads a tar at once and in pieces whose length the first byte gives: both must come to the same.
pub fn tar(input: &[u8]) {
    let Some((length, tar)) = input.split_first() else { return };
    let read = |length: usize| {
        let (mut counter, mut reader) = (Counter::default(), Reader::new("fuzz", 0));
        let fed = tar.chunks(length).try_for_each(|piece| reader.feed(piece, &mut counter));
        (counter.files, fed.and_then(|()| reader.finish()).is_ok())
    };
    assert_eq!(read(usize::from(*length) + 1), read(tar.len().max(1)));
}

/// Finds the end of a head, reads it, and looks into its query.
pub fn head(input: &[u8]) {
    let Some(end) = head::find_end(input, 0) else { return };
    assert!(end <= input.len());
    if let Some(Ok(read)) = input.get(..end).map(head::read) {
        assert!(read.target.len() <= end);
        let _ = read.target.split_once('?').map(|(_, text)| query::value(text, "artifactType"));
        let _ = Digest::parse(read.target);
    }
}

/// Reads a Range header against a size that the first eight bytes give.
pub fn range(input: &[u8]) {
    let Some((size, value)) = input.split_first_chunk::<8>() else { return };
    let size = u64::from_le_bytes(*size);
    if let Selection::Part { start, end } = select(Some(value), size) {
        assert!(start < end && end <= size);
    }
    let _ = digest::of(value);
}

/// Reads a command line whose arguments are split by zeros.
pub fn arguments(input: &[u8]) {
    let arguments = input.split(|byte| *byte == 0).map(|argument| OsString::from_vec(argument.to_vec()));
    match Command::parse(arguments) {
        Ok(Command::Serve(options)) => {
            assert!(options.from.is_none_or(|from| from.to_string().parse() == Ok(from)));
            assert!(!options.stall.is_zero() && (options.mount.is_some() || options.delivery.is_some()));
            assert_eq!(Listen::parse(&options.listen.to_string()), Some(options.listen));
            assert!(options.delivery.is_none_or(|delivery| Listen::parse(&delivery.listen.to_string()) == Some(delivery.listen)));
        }
        Ok(Command::Probe(Some(options))) => {
            assert!(options.path.starts_with('/') && options.path.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        Ok(Command::Relay(options)) => assert!(!options.listen.is_empty()),
        Ok(Command::Hold | Command::Deliver(_) | Command::Probe(None) | Command::Version) => {}
        Err(failure) => assert!(failure.code == ExitCode::Usage && failure.sentence.ends_with('.')),
    }
}

/// Reads the status of an answer, which is one of three digits and does not depend on what follows its line.
pub fn status(input: &[u8]) {
    let Some(status) = reply::read_status(input) else { return };
    assert!((100..=999).contains(&status) && input.starts_with(b"HTTP/1."));
    let line = input.iter().position(|byte| *byte == b'\n').map_or(0, |place| place + 1);
    assert_eq!(input.get(..line).and_then(reply::read_status), Some(status));
}

/// Reads a head as the delivery port does.
pub fn delivery(input: &[u8]) {
    let Some(end) = head::find_end(input, 0) else { return };
    let Some(Ok(read)) = input.get(..end).map(head::read) else { return };
    if let Request::Put(put) = Request::read(&read) {
        assert!(put.patience.as_secs() <= 60 && put.slice.is_none_or(|slice| slice.end() <= slice.size));
    }
}

/// Reads a Content-Range; what is read comes out as it went in.
pub fn slice(input: &[u8]) {
    let Some(slice) = Slice::parse(input) else { return };
    assert!(slice.first <= slice.last && slice.last < slice.size && slice.length() > 0 && slice.end() <= slice.size);
    let text = format!("bytes {}-{}/{}", slice.first, slice.last, slice.size);
    assert_eq!(Slice::parse(text.as_bytes()), Some(slice));
}

/// Reads a Prefer header. What is put before it as another preference changes nothing.
pub fn preference(input: &[u8]) {
    let before = [b"respond-async, ", input].concat();
    assert_eq!(preference::wait(input), preference::wait(&before));
}

/// Reads a catalog. What it lists is found, and its tags lead to manifests.
pub fn catalog(input: &[u8]) {
    match Catalog::parse(input) {
        Ok(catalog) => {
            let find = |digest| catalog.find(digest).and_then(|place| catalog.contents.get(place));
            assert!(catalog.contents.iter().all(|content| find(&content.digest).is_some_and(|found| found.digest == content.digest)));
            let tags = catalog.repositories.iter().flat_map(|repository| &repository.tags);
            assert!(tags.into_iter().all(|(_, digest)| find(digest).is_some_and(|content| content.media_type.is_some())));
        }
        Err(reason) => assert!(!reason.is_empty()),
    }
}

/// Reads a courier's plan.
pub fn plan(input: &[u8]) {
    match Plan::parse(input) {
        Ok(plan) => assert!(plan.pieces.iter().all(|piece| piece.offset < piece.end() && piece.end() <= piece.size)),
        Err(reason) => assert!(!reason.is_empty()),
    }
}

/// Reads the head of a registry's answer, of which a content is copied from an offset on; the first sixteen bytes give offset and size.
pub fn offer(input: &[u8]) {
    let Some((numbers, head)) = input.split_first_chunk::<16>() else { return };
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
    let (offset, size) = (number(&numbers[..8]), number(&numbers[8..]));
    let Some(reply) = Reply::parse(head) else { return };
    match offer::check(&reply, offset, size) {
        Ok(()) => {
            assert!(offset <= size && reply.status == if offset == 0 { 200 } else { 206 });
            assert_eq!(reply.only("Content-Length").and_then(|length| length.parse().ok()), Some(size - offset));
        }
        Err(reason) => assert!(!reason.is_empty()),
    }
}

/// Reads the head of a delivery port's answer, whole and byte by byte.
pub fn reply(input: &[u8]) {
    let mut unread = Vec::new();
    let Ok(reply) = Reply::read(&mut &*input, &mut unread) else { return };
    assert!((100..=999).contains(&reply.status));
    let _ = reply.header("Jackal-Offset").map(str::len);
}
