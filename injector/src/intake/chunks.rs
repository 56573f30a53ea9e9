//! Intake: chunk files in their order, each checked against the catalog, through the tar reader into the store.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Instant;

use crate::catalog::{Catalog, Chunk, Parcel};
use crate::digest::{self, Digest, Hasher};
use crate::failure::{ExitCode, Failure};
use crate::intake::store::{Position, Store, Writer};
use crate::intake::tar::{Reader, Receiver};
use crate::log;

/// Bytes read at a time.
const PIECE: usize = 128 << 10;

/// Takes everything that the store does not have yet from the chunk files below `directory`. When it returns without failure, nothing
/// there is needed any more, and every content of the catalog is verified; but what no parcel held may be missing when it may come
/// from `elsewhere`, by delivery or as a copy.
pub fn take(catalog: &Catalog, store: &Store, directory: &Path, elsewhere: bool) -> Result<(), Failure> {
    let from = store.position(&catalog.identity);
    if store.missing() > 0 {
        take_parcels(catalog, store, directory, from, from)?;
    }
    if elsewhere {
        return Ok(());
    }
    take_again(catalog, store, directory, from)?;
    match store.first_missing() {
        None => Ok(()),
        Some(digest) => Err(Failure::new(
            ExitCode::BlobWrong,
            format!("Blob {digest} is listed in the catalog, but no parcel held it: expected {digest}, found nothing."),
        )),
    }
}

/// Takes what came from nowhere else out of the chunks before `from` too, which an earlier process had taken, as far as they are still
/// there: the first that is not ends it. Fails as [`take`] does of chunks that are wrong.
pub fn take_what_is_left(catalog: &Catalog, store: &Store, directory: &Path, from: Position) -> Result<(), Failure> {
    match take_again(catalog, store, directory, from) {
        Err(failure) if failure.code == ExitCode::ChunkUnreadable => Ok(()),
        outcome => outcome,
    }
}

/// What was taken before and is gone from the store is in the chunks before `from`, if anywhere.
fn take_again(catalog: &Catalog, store: &Store, directory: &Path, from: Position) -> Result<(), Failure> {
    if store.missing() == 0 || from == Position::default() {
        return Ok(());
    }
    take_parcels(catalog, store, directory, Position::default(), from)
}

/// Takes the parcels from `from` on. What is `known` not to be needed any more stays so, whatever this comes to.
fn take_parcels(catalog: &Catalog, store: &Store, directory: &Path, from: Position, known: Position) -> Result<(), Failure> {
    for (place, parcel) in catalog.parcels.iter().enumerate().skip(from.parcel) {
        let started = Instant::now();
        let offset = if place == from.parcel { from.offset } else { 0 };
        let receiver = Contents { catalog, store, place, known, current: Current::None };
        let mut intake = Intake { directory, parcel, receiver };
        intake.take_parcel(offset)?;
        log::event(format_args!("parcel name={} size={} ms={}", parcel.name, parcel.size, started.elapsed().as_millis()));
    }
    Ok(())
}

struct Intake<'run> {
    directory: &'run Path,
    parcel: &'run Parcel,
    receiver: Contents<'run>,
}

impl Intake<'_> {
    fn take_parcel(&mut self, offset: u64) -> Result<(), Failure> {
        let mut reader = Reader::new(&self.parcel.name, offset);
        let mut piece = vec![0; PIECE];
        let mut start = 0u64;
        for chunk in &self.parcel.chunks {
            let end = start.saturating_add(chunk.size);
            if end > offset {
                self.take_chunk(chunk, offset.saturating_sub(start), &mut reader, &mut piece)?;
            }
            start = end;
        }
        reader.finish()?;
        self.receiver.reach(Position { parcel: self.receiver.place.saturating_add(1), offset: 0 })
    }

    /// Reads one chunk file and feeds what comes behind its first `skip` bytes. When the tar or a blob in it is wrong, the rest of the
    /// chunk is hashed first: a wrong chunk is the cause, and its name says more.
    fn take_chunk(&mut self, chunk: &Chunk, mut skip: u64, reader: &mut Reader, piece: &mut [u8]) -> Result<(), Failure> {
        let unreadable = |error| unreadable(chunk, self.directory, &error);
        let mut file = open(chunk, self.directory).map_err(unreadable)?;
        let (mut hasher, mut found, mut fed) = (Hasher::new(), 0u64, Ok(()));
        loop {
            let count = match file.read(piece) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(error)),
            };
            let bytes = piece.get(..count).unwrap_or_default();
            hasher.update(bytes);
            found = found.saturating_add(count as u64);
            let skipped = skip.min(count as u64);
            skip -= skipped;
            let news = bytes.get(usize::try_from(skipped).unwrap_or(count)..).unwrap_or_default();
            if fed.is_ok() && found <= chunk.size {
                fed = reader.feed(news, &mut self.receiver);
            }
        }
        check(chunk, found, hasher.finish())?;
        fed
    }
}

/// Reads one chunk file as a whole. Fails with exit code `chunk-unreadable` or `chunk-wrong`.
pub fn read_whole(chunk: &Chunk, directory: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    open(chunk, directory).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(|error| unreadable(chunk, directory, &error))?;
    check(chunk, bytes.len() as u64, digest::of(&bytes))?;
    Ok(bytes)
}

/// Opens a chunk file. One byte more than expected shows that a file is too long, without reading all of it.
fn open(chunk: &Chunk, directory: &Path) -> io::Result<io::Take<File>> {
    Ok(File::open(directory.join(&chunk.path))?.take(chunk.size.saturating_add(1)))
}

fn unreadable(chunk: &Chunk, directory: &Path, error: &io::Error) -> Failure {
    let path = directory.join(&chunk.path);
    Failure::new(ExitCode::ChunkUnreadable, format!("Chunk {} cannot be read from {}: {error}.", chunk.path, path.display()))
}

fn check(chunk: &Chunk, size: u64, found: Digest) -> Result<(), Failure> {
    let wrong = |expected: String, found: String| {
        Err(Failure::new(ExitCode::ChunkWrong, format!("Chunk {} is wrong: expected {expected}, found {found}.", chunk.path)))
    };
    match size.cmp(&chunk.size) {
        std::cmp::Ordering::Less => wrong(format!("{} bytes", chunk.size), format!("{size} bytes")),
        std::cmp::Ordering::Greater => wrong(format!("{} bytes", chunk.size), "more".into()),
        std::cmp::Ordering::Equal if found != chunk.digest => wrong(chunk.digest.to_string(), found.to_string()),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

/// Puts the files of a parcel into the store.
struct Contents<'run> {
    catalog: &'run Catalog,
    store: &'run Store,
    /// Number of the parcel.
    place: usize,
    known: Position,
    current: Current<'run>,
}

impl Contents<'_> {
    /// Writes down that the chunks before a place are not needed any more, unless that is known.
    fn reach(&self, position: Position) -> Result<(), Failure> {
        if position > self.known { self.store.keep_position(&self.catalog.identity, position) } else { Ok(()) }
    }
}

enum Current<'run> {
    None,
    /// The store has it already.
    Known,
    New(Digest, u64, Writer<'run>),
}

impl Receiver for Contents<'_> {
    fn begin(&mut self, digest: Digest, size: u64) -> Result<(), Failure> {
        let refuse = |code, reason| Err(Failure::new(code, format!("Blob {digest} is wrong: {reason}.")));
        let Some((place, content)) = self.catalog.find(&digest).and_then(|place| Some((place, self.catalog.contents.get(place)?))) else {
            return refuse(ExitCode::ParcelRefused, "a parcel holds it, but the catalog does not list it".to_string());
        };
        if content.size != size {
            return refuse(ExitCode::BlobWrong, format!("expected {} bytes, found {size} bytes", content.size));
        }
        self.current = match self.store.writer(place)? {
            None => Current::Known,
            Some(writer) => Current::New(digest, size, writer),
        };
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match &mut self.current {
            Current::New(_, _, writer) => writer.write(bytes),
            _ => Ok(()),
        }
    }

    fn end(&mut self, boundary: u64) -> Result<(), Failure> {
        if let Current::New(digest, size, writer) = std::mem::replace(&mut self.current, Current::None) {
            if let Err(found) = writer.finish(|| ())? {
                let sentence = format!("Blob {digest} is wrong: expected {digest}, found {found}, over {size} bytes.");
                return Err(Failure::new(ExitCode::BlobWrong, sentence));
            }
            // Before the line that lets the runner forget the chunks up to here.
            self.reach(Position { parcel: self.place, offset: boundary })?;
            log::event(format_args!("verified digest={digest} size={size}"));
        }
        Ok(())
    }
}
