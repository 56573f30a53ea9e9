//! A catalog in pieces, as a kubelet mounts several ConfigMaps in one volume.

use std::fs;
use std::os::unix::fs::symlink;

use crate::client::get;
use crate::fixture::{Fixture, noise, path};
use crate::process::Injector;

/// Puts a directory in the place of the catalog file, laid out as a kubelet does, with these pieces of it.
fn lay_out(fixture: &Fixture, pieces: &[&[u8]]) {
    let directory = fixture.directory.join("catalog");
    fs::remove_file(&directory).unwrap();
    fs::create_dir_all(directory.join("..2026_01_01")).unwrap();
    symlink("..2026_01_01", directory.join("..data")).unwrap();
    for (place, piece) in pieces.iter().enumerate() {
        let name = format!("{place:04}");
        fs::write(directory.join("..2026_01_01").join(&name), piece).unwrap();
        symlink(format!("..data/{name}"), directory.join(&name)).unwrap();
    }
}

#[test]
fn a_directory_is_read_as_one_catalog_in_the_order_of_its_names() {
    let mut fixture = Fixture::new();
    let blobs: Vec<Vec<u8>> = (0u64..12).map(|seed| noise(seed, 3_000)).collect();
    let digests: Vec<String> = blobs.iter().map(|blob| fixture.blob(blob)).collect();
    fixture.record("repository demo").write();
    let whole = fs::read(fixture.directory.join("catalog")).unwrap();
    // Twelve pieces, so that an order by number of digits would show; cut anywhere, and the last one empty.
    let mut pieces: Vec<&[u8]> = whole.chunks(whole.len().div_ceil(11)).collect();
    pieces.push(b"");
    lay_out(&fixture, &pieces);
    let injector = Injector::serve(&fixture);
    injector.ready();
    for (digest, blob) in digests.iter().zip(&blobs) {
        assert_eq!(get(injector.address(), &path(&format!("demo/blobs/{digest}"))).body, *blob);
    }
}

#[test]
fn the_bound_holds_for_all_pieces_together() {
    let mut fixture = Fixture::new();
    fixture.blob(b"some blob");
    fixture.record("repository demo").write();
    let piece = vec![b'x'; 5 << 20];
    lay_out(&fixture, &[&piece, &piece]);
    let (status, lines) = Injector::serve(&fixture).end();
    assert_eq!(status.code(), Some(10));
    assert!(lines.last().unwrap().contains("larger than 8388608 bytes"), "{lines:?}");
}
