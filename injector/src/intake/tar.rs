//! A tar reader that is fed pieces of any length and keeps one block. It knows what a parcel may hold (regular files named
//! `blobs/sha256/<hex>`) and refuses everything else.

mod header;
mod pax;

use crate::digest::Digest;
use crate::failure::{ExitCode, Failure};
use header::{Header, Kind};
use pax::Extension;

const BLOCK: usize = 512;
/// Longest pax header that is read; real ones hold a handful of numbers.
const LONGEST_EXTENSION: u64 = 64 << 10;

/// Takes the files of a parcel in their order.
pub trait Receiver {
    fn begin(&mut self, digest: Digest, size: u64) -> Result<(), Failure>;
    fn data(&mut self, bytes: &[u8]) -> Result<(), Failure>;
    /// The file is whole. A reader may start again at `boundary`, the byte behind it.
    fn end(&mut self, boundary: u64) -> Result<(), Failure>;
}

enum State {
    Header,
    /// Inside a pax header's records.
    Extension {
        remaining: u64,
        padding: u64,
        global: bool,
    },
    Content {
        remaining: u64,
        padding: u64,
    },
    Padding(u64),
    /// Behind the first block of zeros; counts the zeros.
    Trailer(u64),
}

/// The reader of one parcel.
pub struct Reader {
    parcel: String,
    state: State,
    block: Vec<u8>,
    records: Vec<u8>,
    extension: Extension,
    position: u64,
}

impl Reader {
    /// Reads from `position` on, which is 0 or an earlier boundary.
    pub fn new(parcel: &str, position: u64) -> Reader {
        Reader {
            parcel: parcel.into(),
            state: State::Header,
            block: Vec::with_capacity(BLOCK),
            records: Vec::new(),
            extension: Extension::default(),
            position,
        }
    }

    /// Takes the next bytes. Fails with exit code `parcel-refused`, or as the receiver fails.
    pub fn feed(&mut self, mut bytes: &[u8], receiver: &mut impl Receiver) -> Result<(), Failure> {
        while !bytes.is_empty() {
            let taken = match self.state {
                State::Header => self.take_header(bytes, receiver)?,
                State::Extension { remaining, padding, global } => self.take_extension(bytes, remaining, padding, global)?,
                State::Content { remaining, padding } => self.take_content(bytes, remaining, padding, receiver)?,
                State::Padding(remaining) => self.take_padding(bytes, remaining),
                State::Trailer(zeros) => self.take_trailer(bytes, zeros)?,
            };
            self.position = self.position.saturating_add(taken as u64);
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// Says that no more bytes come. Fails when the parcel is cut off.
    pub fn finish(&self) -> Result<(), Failure> {
        match self.state {
            State::Trailer(zeros) if zeros >= 2 * BLOCK as u64 => Ok(()),
            _ => Err(self.refuse("it ends without its two closing blocks of zeros")),
        }
    }

    fn refuse(&self, reason: impl std::fmt::Display) -> Failure {
        Failure::new(ExitCode::ParcelRefused, format!("Parcel {} is refused at byte {}: {reason}.", self.parcel, self.position))
    }

    fn take_header(&mut self, bytes: &[u8], receiver: &mut impl Receiver) -> Result<usize, Failure> {
        let (piece, _) = split(bytes, (BLOCK - self.block.len()) as u64);
        self.block.extend_from_slice(piece);
        let Some(block) = self.block.first_chunk::<BLOCK>() else {
            return Ok(piece.len());
        };
        if block.iter().all(|byte| *byte == 0) {
            if self.extension.is_pending() {
                return Err(self.refuse("a pax header without its file"));
            }
            self.block.clear();
            self.state = State::Trailer(BLOCK as u64);
            return Ok(piece.len());
        }
        let header = Header::read(block).map_err(|reason| self.refuse(reason))?;
        self.block.clear();
        self.enter(header, receiver)?;
        Ok(piece.len())
    }

    fn enter(&mut self, header: Header, receiver: &mut impl Receiver) -> Result<(), Failure> {
        match header.kind {
            Kind::Extension | Kind::GlobalExtension => {
                let global = header.kind == Kind::GlobalExtension;
                if header.size > LONGEST_EXTENSION || header.size == 0 {
                    return Err(self.refuse(format_args!("a pax header of {} bytes", header.size)));
                }
                if self.extension.is_pending() {
                    return Err(self.refuse("two pax headers for one file"));
                }
                self.state = State::Extension { remaining: header.size, padding: padding(header.size), global };
            }
            Kind::Regular => {
                let extension = std::mem::take(&mut self.extension);
                let size = extension.size.unwrap_or(header.size);
                let path = extension.path.unwrap_or(header.path);
                let digest = blob_digest(&path).ok_or_else(|| self.refuse(format_args!("{:?} is not blobs/sha256/<hex>", lossy(&path))))?;
                receiver.begin(digest, size)?;
                self.state = State::Content { remaining: size, padding: padding(size) };
            }
            Kind::Other(letter) => {
                return Err(self.refuse(format_args!("{:?} is no regular file (type {:?})", lossy(&header.path), char::from(letter))));
            }
        }
        Ok(())
    }

    fn take_extension(&mut self, bytes: &[u8], remaining: u64, padding: u64, global: bool) -> Result<usize, Failure> {
        let (piece, left) = split(bytes, remaining);
        self.records.extend_from_slice(piece);
        self.state = State::Extension { remaining: left, padding, global };
        if left == 0 {
            let records = std::mem::take(&mut self.records);
            let extension = Extension::read(&records).map_err(|reason| self.refuse(reason))?;
            if !global {
                self.extension = extension;
            } else if extension.path.is_some() || extension.size.is_some() {
                return Err(self.refuse("a global pax header that names a path or a size"));
            }
            self.state = after(padding);
        }
        Ok(piece.len())
    }

    fn take_content(&mut self, bytes: &[u8], remaining: u64, padding: u64, receiver: &mut impl Receiver) -> Result<usize, Failure> {
        let (piece, left) = split(bytes, remaining);
        if !piece.is_empty() {
            receiver.data(piece)?;
        }
        self.state = State::Content { remaining: left, padding };
        if left == 0 {
            receiver.end(self.position.saturating_add(piece.len() as u64).saturating_add(padding))?;
            self.state = after(padding);
        }
        Ok(piece.len())
    }

    fn take_padding(&mut self, bytes: &[u8], remaining: u64) -> usize {
        let (piece, left) = split(bytes, remaining);
        self.state = after(left);
        piece.len()
    }

    fn take_trailer(&mut self, bytes: &[u8], zeros: u64) -> Result<usize, Failure> {
        if bytes.iter().any(|byte| *byte != 0) {
            return Err(self.refuse("something follows its closing zeros"));
        }
        self.state = State::Trailer(zeros.saturating_add(bytes.len() as u64));
        Ok(bytes.len())
    }
}

/// The part of `bytes` that belongs to the `remaining` ones, and how many remain then.
fn split(bytes: &[u8], remaining: u64) -> (&[u8], u64) {
    let count = usize::try_from(remaining).unwrap_or(usize::MAX).min(bytes.len());
    (bytes.get(..count).unwrap_or_default(), remaining - count as u64)
}

fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

fn after(padding: u64) -> State {
    if padding == 0 { State::Header } else { State::Padding(padding) }
}

fn blob_digest(path: &[u8]) -> Option<Digest> {
    Digest::from_hex(std::str::from_utf8(path.strip_prefix(b"blobs/sha256/")?).ok()?)
}

fn lossy(path: &[u8]) -> String {
    String::from_utf8_lossy(path.get(..path.len().min(200)).unwrap_or_default()).into_owned()
}
