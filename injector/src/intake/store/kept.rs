//! What the store keeps beside contents, for the process that comes after this one, and how a file gets its final name.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};

use super::{Place, Store, UNFINISHED};
use crate::digest::Digest;
use crate::failure::Failure;

/// File that holds a catalog that was delivered.
const CATALOG: &str = "catalog";
/// File that says for which catalog copying has come to its end.
const COPIED: &str = "copied";
/// File that says for which catalog nothing more is delivered.
const ENDED: &str = "ended";
/// File that says in which start of the machine the store is written.
const BOOT: &str = "boot";
/// Where the kernel says which start of the machine this is.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

impl Place {
    /// Whether files have all the bytes that were written to them: they were synced, or are of this start of the machine. It may have lost
    /// its power before, and a volume that goes with its Pod does not go with that. Where the kernel does not tell its starts, they count as
    /// one.
    pub(super) fn is_whole(&self) -> bool {
        self.durable || fs::read(BOOT_ID).map_or(true, |id| fs::read(self.directory.join(BOOT)).is_ok_and(|noted| noted == id))
    }

    /// Notes that files are of this start of the machine, or were right in it. Without that note they are looked at once more.
    pub(super) fn note_boot(&self) {
        let _ = fs::read(BOOT_ID).and_then(|id| fs::write(self.directory.join(BOOT), id));
    }

    /// The bytes of the catalog that was delivered to an earlier process; None when there was none.
    pub fn kept_catalog(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.directory.join(CATALOG)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives an unfinished file its final name. In a durable store the bytes are on the disk before the name is, and the name before this
    /// returns, so a machine that is lost leaves no name of a file that is not whole.
    pub(super) fn settle(&self, file: &File, name: &str) -> io::Result<()> {
        if self.durable {
            file.sync_data()?;
        }
        fs::rename(self.directory.join(format!("{name}{UNFINISHED}")), self.directory.join(name))?;
        if self.durable { self.sync_directory() } else { Ok(()) }
    }

    /// Some network and FUSE file systems sync no directory and say so: there, a name is as safe as they make it.
    fn sync_directory(&self) -> io::Result<()> {
        let synced = File::open(&self.directory)?.sync_all();
        synced.or_else(|error| match error.raw_os_error() {
            Some(libc::EINVAL | libc::EBADF | libc::ENOSYS | libc::EOPNOTSUPP) => Ok(()),
            _ => Err(error),
        })
    }
}

impl Store {
    /// Keeps a catalog that was delivered. Fails with exit code `store-unwritable`.
    pub fn keep_catalog(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.keep(CATALOG, bytes, "its catalog")
    }

    /// Whether copying for a catalog came to its end in an earlier process.
    pub fn has_copied(&self, catalog: &Digest) -> bool {
        self.says(COPIED, catalog)
    }

    /// Writes down that copying for a catalog has come to its end. Fails with exit code `store-unwritable`.
    pub fn keep_copied(&self, catalog: &Digest) -> Result<(), Failure> {
        self.keep(COPIED, catalog.hex().as_bytes(), "the end of copying")
    }

    /// Whether nothing more is delivered for a catalog.
    pub fn has_ended(&self, catalog: &Digest) -> bool {
        self.says(ENDED, catalog)
    }

    /// Writes down that nothing more is delivered for a catalog. Fails with exit code `store-unwritable`.
    pub fn keep_end(&self, catalog: &Digest) -> Result<(), Failure> {
        self.keep(ENDED, catalog.hex().as_bytes(), "the end of deliveries")
    }

    fn says(&self, name: &str, catalog: &Digest) -> bool {
        fs::read(self.place.directory.join(name)).is_ok_and(|text| text == catalog.hex().as_bytes())
    }

    /// Writes a file whole or not at all: under another name first. Fails with exit code `store-unwritable`.
    pub(super) fn keep(&self, name: &str, bytes: &[u8], what: &str) -> Result<(), Failure> {
        let written = File::create(self.place.directory.join(format!("{name}{UNFINISHED}"))).and_then(|mut file| {
            file.write_all(bytes)?;
            self.place.settle(&file, name)
        });
        written.map_err(|error| self.unwritable(&error, what))
    }
}
