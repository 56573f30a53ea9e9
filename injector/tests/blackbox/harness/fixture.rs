//! A run on disk: contents, parcels, chunks and their catalog.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use jackal_injector::digest;

pub const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const MEDIA_TYPES: [&str; 4] = [
    OCI_MANIFEST,
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

/// A directory of its own below the system's one for temporary files, removed at the end.
pub struct Fixture {
    pub directory: PathBuf,
    /// Further records of the catalog.
    pub records: Vec<String>,
    pub chunk_size: usize,
    contents: Vec<Vec<u8>>,
    /// Whether the store is a file system of its own.
    mounted: bool,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if self.mounted {
            let _ = Command::new("umount").arg(self.store()).status();
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

pub fn hex(bytes: &[u8]) -> String {
    digest::of(bytes).hex()
}

/// Bytes that are the same in each run.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut random = Random(seed);
    let mut bytes: Vec<u8> = (0..length.div_ceil(8)).flat_map(|_| random.next().to_le_bytes()).collect();
    bytes.truncate(length);
    bytes
}

/// splitmix64: enough for noise, the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }
}

/// A tar header block for a regular file.
pub fn tar_header(path: &str, size: usize, kind: u8) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..path.len()].copy_from_slice(path.as_bytes());
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    seal(&mut block);
    block
}

/// Writes the checksum of a header block.
pub fn seal(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block[..512].iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// A tar of blobs as the action writes it.
pub fn tar<'a>(contents: impl IntoIterator<Item = &'a Vec<u8>>) -> Vec<u8> {
    let mut tar = Vec::new();
    for content in contents {
        tar.extend(tar_header(&format!("blobs/sha256/{}", hex(content)), content.len(), b'0'));
        tar.extend_from_slice(content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

fn table(records: &[String]) -> String {
    format!("jackal-catalog 1\n{}\nend\n", records.join("\n"))
}

impl Fixture {
    pub fn new() -> Fixture {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("jackal-injector-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(directory.join("chunks")).unwrap();
        Fixture { directory, records: vec![format!("prefix {SECRET}")], chunk_size: 64 << 10, contents: Vec::new(), mounted: false }
    }

    /// Adds a blob; returns its digest.
    pub fn blob(&mut self, bytes: &[u8]) -> String {
        self.list(bytes);
        self.carry(bytes)
    }

    /// Lists a blob that no parcel holds; returns its digest.
    pub fn list(&mut self, bytes: &[u8]) -> String {
        let digest = format!("sha256:{}", hex(bytes));
        self.records.push(format!("blob {digest} {}", bytes.len()));
        digest
    }

    /// Adds a manifest; returns its digest.
    pub fn manifest(&mut self, bytes: &[u8], media_type: &str) -> String {
        self.records.push(format!("manifest sha256:{} {} {media_type}", hex(bytes), bytes.len()));
        self.carry(bytes)
    }

    /// Adds a content to the parcel without a record.
    pub fn carry(&mut self, bytes: &[u8]) -> String {
        self.contents.push(bytes.to_vec());
        format!("sha256:{}", hex(bytes))
    }

    pub fn tag(&mut self, repository: &str, tag: &str, digest: &str) -> &mut Fixture {
        self.record(format!("tag {repository} {tag} {digest}"))
    }

    pub fn record(&mut self, record: impl Into<String>) -> &mut Fixture {
        self.records.push(record.into());
        self
    }

    /// Writes the chunks of one parcel with all contents, and the catalog.
    pub fn write(&self) {
        self.write_parcels(&[tar(&self.contents)]);
    }

    /// Writes these tars as parcels, and the catalog.
    pub fn write_parcels(&self, tars: &[Vec<u8>]) {
        let mut records = self.records.clone();
        let mut number = 0;
        for (place, tar) in tars.iter().enumerate() {
            records.push(format!("parcel {place:04} {}", tar.len()));
            for piece in tar.chunks(self.chunk_size) {
                let path = format!("{number:04}/chunk");
                let file = self.chunk(number);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(&file, piece).unwrap();
                records.push(format!("chunk {path} {} {}", piece.len(), hex(piece)));
                number += 1;
            }
        }
        fs::write(self.directory.join("catalog"), table(&records)).unwrap();
    }

    /// A catalog without parcels.
    pub fn catalog(&self) -> String {
        table(&self.records)
    }

    pub fn chunk(&self, number: usize) -> PathBuf {
        self.directory.join(format!("chunks/{number:04}/chunk"))
    }

    /// Puts a pipe in the place of a chunk file, so that the test decides when its bytes come. Returns the bytes.
    pub fn pipe(&self, number: usize) -> Vec<u8> {
        let path = self.chunk(number);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        bytes
    }

    pub fn store(&self) -> PathBuf {
        self.directory.join("store")
    }

    /// Gives the store a MiB, until the end. Says so and returns false where that cannot be.
    pub fn small_store(&mut self) -> bool {
        fs::create_dir_all(self.store()).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1m", "none"]).arg(self.store()).stderr(Stdio::null());
        self.mounted = mount.status().is_ok_and(|status| status.success());
        if !self.mounted {
            eprintln!("SKIPPED: a full store needs a tmpfs, and only root may mount one");
        }
        self.mounted
    }
}

/// `/v2/<secret>/<rest>`
pub fn path(rest: &str) -> String {
    format!("/v2/{SECRET}/{rest}")
}
