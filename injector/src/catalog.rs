//! The catalog: what may be asked for, and what the chunks must be. A flat table that the runner writes, so that no JSON is read here.

pub mod fields;
mod reader;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::digest::{self, Digest};
use crate::failure::{ExitCode, Failure};

/// More than any ConfigMap can carry (1 MiB); a larger one is a mistake.
pub const LARGEST_CATALOG: u64 = 8 << 20;

/// Everything that one run serves and awaits.
#[derive(Debug)]
pub struct Catalog {
    /// The first part of every repository path: 32 lower-case hex digits.
    pub secret: String,
    /// Sorted by digest.
    pub contents: Vec<Content>,
    /// Sorted by name.
    pub repositories: Vec<Repository>,
    /// In the order of the file.
    pub referrers: Vec<Referrer>,
    /// In the order of the file, which is the order in which they arrive.
    pub parcels: Vec<Parcel>,
    /// Digest of the file: it ties a store to this catalog.
    pub identity: Digest,
}

/// One piece of content that is served by its digest.
#[derive(Debug)]
pub struct Content {
    pub digest: Digest,
    pub size: u64,
    /// Media type under which it is served below `manifests/`; None when it is no manifest.
    pub media_type: Option<String>,
    /// Served below `blobs/`.
    pub blob: bool,
    /// Nobody brings it but the registry that this one replaces.
    pub replaced: bool,
}

#[derive(Debug)]
pub struct Repository {
    pub name: String,
    /// Sorted by name.
    pub tags: Vec<(String, Digest)>,
}

#[derive(Debug)]
pub struct Referrer {
    pub subject: Digest,
    pub artifact_type: String,
    /// A ready-made descriptor in JSON.
    pub descriptor: String,
}

#[derive(Debug)]
pub struct Parcel {
    pub name: String,
    /// Bytes of the tar.
    pub size: u64,
    pub chunks: Vec<Chunk>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Relative, without `..`.
    pub path: String,
    pub size: u64,
    pub digest: Digest,
}

impl Catalog {
    /// Reads and checks a catalog: a file, or a directory with its pieces, since a ConfigMap carries no more than 1 MiB. Fails with exit code `catalog`, naming the line.
    pub fn read(path: &Path) -> Result<Catalog, Failure> {
        let unreadable =
            |error: std::io::Error| Failure::new(ExitCode::Catalog, format!("The catalog {} cannot be read: {error}.", path.display()));
        let bytes = read_all(path).map_err(unreadable)?;
        Catalog::parse(&bytes)
            .map_err(|reason| Failure::new(ExitCode::Catalog, format!("The catalog {} is refused: {reason}.", path.display())))
    }

    /// Reads a catalog from its bytes. The error says the line and what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Catalog, String> {
        if bytes.len() as u64 > LARGEST_CATALOG {
            return Err(format!("it is larger than {LARGEST_CATALOG} bytes"));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| format!("byte {} is not UTF-8", error.valid_up_to()))?;
        reader::read(text, digest::of(bytes))
    }

    /// Place of a digest in `contents`.
    pub fn find(&self, digest: &Digest) -> Option<usize> {
        self.contents.binary_search_by(|content| content.digest.cmp(digest)).ok()
    }

    pub fn repository(&self, name: &str) -> Option<&Repository> {
        let place = self.repositories.binary_search_by(|repository| repository.name.as_str().cmp(name)).ok()?;
        self.repositories.get(place)
    }
}

/// Reads a file, or the files `0000`, `0001` and so on of a directory one behind the other, up to the first that is not there; and
/// no further than makes it too large.
fn read_all(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut take = |path: &Path| {
        let left = (LARGEST_CATALOG + 1).saturating_sub(bytes.len() as u64);
        File::open(path)?.take(left).read_to_end(&mut bytes)
    };
    if !path.is_dir() {
        take(path)?;
        return Ok(bytes);
    }
    take(&path.join("0000"))?;
    for place in 1..10_000 {
        match take(&path.join(format!("{place:04}"))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            result => result?,
        };
    }
    Ok(bytes)
}

impl Repository {
    pub fn tag(&self, name: &str) -> Option<&Digest> {
        let place = self.tags.binary_search_by(|(tag, _)| tag.as_str().cmp(name)).ok()?;
        self.tags.get(place).map(|(_, digest)| digest)
    }
}
