//! Each exit code with its sentence.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use super::fails;
use crate::fixture::{Fixture, hex, noise, seal, tar, tar_header};
use crate::process::{Injector, binary};

fn small() -> Fixture {
    let mut fixture = Fixture::new();
    fixture.blob(&noise(60, 100_000));
    fixture.record("repository demo").write();
    fixture
}

#[test]
fn a_wrong_command_line_is_2() {
    let cases: [(&[&str], &str); 30] = [
        (&[], "No command was given"),
        (&["frob"], "The command frob is unknown"),
        (&["hold", "x"], "The command hold takes no argument, but x"),
        (&["--version", "x"], "The command --version takes no argument, but x"),
        (&["serve"], "The option --listen is missing"),
        (&["serve", "--listen"], "The option --listen needs a value"),
        (&["serve", "--frob", "x"], "The option --frob is unknown to serve"),
        (&["serve", "--store", "x", "--store", "y"], "The option --store was given twice"),
        (&["serve", "--listen", "localhost:80", "--catalog", "x", "--chunks", "x", "--store", "x"], "not localhost:80"),
        (&["serve", "--listen", "65536", "--catalog", "x", "--chunks", "x", "--store", "x"], "not 65536"),
        (&["serve", "--listen", "", "--catalog", "x", "--chunks", "x", "--store", "x"], "takes a port such as 5000"),
        (&["serve", "--listen", "1.2.3.4:5"], "The option --catalog is missing"),
        (&["serve", "--listen", "5"], "The option --catalog is missing"),
        (&["serve", "--listen", "5", "--token", "x"], "The option --catalog is missing"),
        (&["serve", "--listen", "5", "--deliver", "6", "--token", "x", "--chunks", "x"], "The option --catalog is missing"),
        (&["serve", "--listen", "5", "--deliver", "6", "--token", "x", "--catalog", "x"], "The option --chunks is missing"),
        (&["relay"], "The option --to is missing"),
        (&["relay", "--to", "127.0.0.1:1"], "The option --listen is missing"),
        (&["relay", "--to", "127.0.0.1:1", "--to", "127.0.0.1:2"], "The option --to was given twice"),
        (&["relay", "--to", "127.0.0.1:1", "--listen"], "The option --listen needs a value"),
        (&["relay", "--to", "registry:1", "--listen", "127.0.0.1:1"], "The option --to takes an address and port such as"),
        (&["relay", "--to", "127.0.0.1:1", "--listen", "127.0.0.1:1", "--listen", "5000"], "or [::1]:5000, not 5000"),
        (&["relay", "--frob", "x"], "The option --frob is unknown to relay"),
        (&["probe", "x"], "The option x is unknown to probe"),
        (&["probe", "--connect", "127.0.0.1:1"], "The option --path is missing"),
        (&["probe", "--path", "/x"], "The option --connect is missing"),
        (&["probe", "--connect", "localhost:1", "--path", "/x"], "such as 127.0.0.1:5000 or [::1]:5000, not localhost:1"),
        (&["probe", "--connect", "127.0.0.1:1", "--path", "/x y"], "begins with a slash and holds only visible ASCII"),
        (
            &["serve", "--listen", "1.2.3.4:5", "--catalog", "x", "--chunks", "x", "--store", "x", "--stall", "0"],
            "whole seconds from 1 on, not 0",
        ),
        (&["serve", "--listen", "1.2.3.4:5", "--catalog", "x", "--chunks", "x", "--store", "x", "--stall", "2s"], "not 2s"),
    ];
    for (arguments, part) in cases {
        let mut command = Command::new(binary());
        command.args(arguments);
        fails(Injector::start(command), 2, "usage", &[part]);
    }
}

#[test]
fn a_bad_catalog_is_10_and_names_the_line() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let chunk = format!("chunk 0000/chunk 5 {}", "a".repeat(64));
    let cases = [
        ("frob x".to_string(), "line 3: unknown record \"frob\""),
        ("frob".to_string(), "line 3: \"frob\" is no record"),
        (String::new(), "line 3: \"\" is no record"),
        (format!("prefix {}", "0".repeat(32)), "line 3: a second prefix"),
        ("blob sha256:xyz 5".to_string(), "line 3: \"sha256:xyz\" is not"),
        (format!("blob {digest} -5"), "line 3: \"-5\" is no size"),
        (format!("blob {digest} +5"), "line 3: \"+5\" is no size"),
        (format!("blob {digest} 99999999999999999999"), "is no size"),
        (format!("blob {digest}"), "line 3: a blob record with 1 fields"),
        (format!("blob {digest} 5 6"), "line 3: a blob record with 3 fields"),
        (format!("blob {digest} 5\nblob {digest} 6"), "line 4: "),
        (format!("manifest {digest} 5 text"), "line 3: \"text\" is no media type"),
        (format!("manifest {digest} 5 text/x\r"), "is no media type"),
        ("repository Upper".to_string(), "line 3: \"Upper\" is no repository name"),
        ("repository a//b".to_string(), "is no repository name"),
        (format!("tag demo -x {digest}"), "line 3: \"-x\" is no tag"),
        (format!("tag demo x {digest}"), "demo:x is sha256:aaa"),
        (format!("blob {digest} 5\ntag demo x {digest}"), "which is not listed as a manifest"),
        (format!("replaced {digest}"), "is replaced, but not listed"),
        ("replaced x".to_string(), "line 3: \"x\" is not"),
        (format!("replaced {digest} 5"), "line 3: a replaced record with 2 fields"),
        (format!("referrer {digest} a/b x"), "one JSON object"),
        (chunk.clone(), "line 3: a chunk before any parcel"),
        ("parcel x 5".to_string(), "the chunks of parcel x do not add up to 5 bytes"),
        (format!("parcel x 5\n{}", chunk.replace("0000", "..")), "is no plain relative path"),
        (format!("parcel x 5\n{}", chunk.replace("0000", "")), "is no plain relative path"),
    ];
    for (record, part) in cases {
        let mut fixture = Fixture::new();
        fixture.record(record).write();
        fails(Injector::serve(&fixture), 10, "catalog", &[part, "catalog is refused"]);
    }
    for (text, part) in [
        ("", "line 1 is not"),
        ("jackal-catalog 2\nend\n", "line 1 is not"),
        ("jackal-catalog 1\nend", "last line is not"),
        ("jackal-catalog 1\nend\nend\n", "is no record"),
        ("jackal-catalog 1\nend\n", "no prefix"),
        ("jackal-catalog 1\nprefix x\nend\n", "32 lower-case hex digits"),
    ] {
        let fixture = Fixture::new();
        fs::write(fixture.directory.join("catalog"), text).unwrap();
        fails(Injector::serve(&fixture), 10, "catalog", &[part]);
    }
    let fixture = Fixture::new();
    fails(Injector::serve(&fixture), 10, "catalog", &["cannot be read", "No such file"]);
    fs::write(fixture.directory.join("catalog"), b"jackal-catalog 1\n\xff\n").unwrap();
    fails(Injector::serve(&fixture), 10, "catalog", &["byte 17 is not UTF-8"]);
}

#[test]
fn a_missing_chunk_is_11() {
    let fixture = small();
    fs::remove_file(fixture.chunk(1)).unwrap();
    fails(Injector::serve(&fixture), 11, "chunk-unreadable", &["Chunk 0001/chunk cannot be read", "No such file"]);
    let fixture = small();
    fs::remove_file(fixture.chunk(0)).unwrap();
    fs::create_dir(fixture.chunk(0)).unwrap();
    fails(Injector::serve(&fixture), 11, "chunk-unreadable", &["Chunk 0000/chunk cannot be read"]);
}

#[test]
fn a_wrong_chunk_is_12_and_is_named_with_what_was_expected_and_found() {
    let fixture = small();
    let mut bytes = fs::read(fixture.chunk(1)).unwrap();
    let right = hex(&bytes);
    bytes[5] ^= 1;
    fs::write(fixture.chunk(1), &bytes).unwrap();
    let sentence = format!("Chunk 0001/chunk is wrong: expected sha256:{right}, found sha256:{}.", hex(&bytes));
    fails(Injector::serve(&fixture), 12, "chunk-wrong", &[&sentence]);

    let fixture = small();
    let bytes = fs::read(fixture.chunk(0)).unwrap();
    fs::write(fixture.chunk(0), &bytes[..60_000]).unwrap();
    fails(Injector::serve(&fixture), 12, "chunk-wrong", &["Chunk 0000/chunk is wrong: expected 65536 bytes, found 60000 bytes."]);

    let fixture = small();
    fs::write(fixture.chunk(0), [bytes, vec![0; 200_000]].concat()).unwrap();
    fails(Injector::serve(&fixture), 12, "chunk-wrong", &["Chunk 0000/chunk is wrong: expected 65536 bytes, found more."]);

    // A chunk whose tar is nonsense is first of all a wrong chunk.
    let fixture = small();
    fs::write(fixture.chunk(0), vec![b'x'; 65536]).unwrap();
    fails(Injector::serve(&fixture), 12, "chunk-wrong", &["Chunk 0000/chunk is wrong"]);
}

#[test]
fn a_parcel_that_is_no_plain_tar_of_blobs_is_13() {
    let bytes = noise(61, 1000);
    let name = format!("blobs/sha256/{}", hex(&bytes));
    let right = tar([&bytes]);
    let entry = |header: Vec<u8>| [header, bytes.clone(), vec![0; 24], vec![0; 1024]].concat();
    let mut bad_checksum = right.clone();
    bad_checksum[0] ^= 1;
    let mut bad_size = right.clone();
    bad_size[124..136].copy_from_slice(b"9999999999x\0");
    seal(&mut bad_size);
    let mut trailing = right.clone();
    *trailing.last_mut().unwrap() = 1;
    let pax = |records: &str| [tar_header("x", records.len(), b'x'), format!("{records:\0<512}").into_bytes(), right.clone()].concat();
    let cases = [
        (entry(tar_header("blobs/sha256/../../x", 1000, b'0')), "\"blobs/sha256/../../x\" is not blobs/sha256/<hex>"),
        (entry(tar_header("etc/passwd", 1000, b'0')), "\"etc/passwd\" is not"),
        (entry(tar_header(&format!("/{name}"), 1000, b'0')), "is not blobs/sha256/<hex>"),
        (entry(tar_header(&name, 1000, b'2')), "is no regular file (type '2')"),
        (entry(tar_header(&name, 1000, b'5')), "is no regular file (type '5')"),
        (entry(tar_header(&name, 1000, b'L')), "is no regular file (type 'L')"),
        (bad_checksum, "wrong checksum"),
        (bad_size, "malformed size"),
        (trailing, "something follows its closing zeros"),
        (right[..1536].to_vec(), "ends without its two closing blocks"),
        (right[..1000].to_vec(), "ends without its two closing blocks"),
        (right[..right.len() - 512].to_vec(), "ends without its two closing blocks"),
        (pax("12 path=a/b\n"), "\"a/b\" is not"),
        (pax("99 path=a/b\n"), "malformed pax record"),
        (pax("10 size=x\n"), "malformed pax size"),
        (pax("24 GNU.sparse.realsize=1\n"), "malformed pax record"),
        (pax("25 GNU.sparse.realsize=1\n"), "a sparse file"),
        (entry(tar_header("x", 100_000, b'x')), "a pax header of 100000 bytes"),
    ];
    for (tar, part) in cases {
        let mut fixture = Fixture::new();
        fixture.blob(&bytes);
        fixture.write_parcels(&[tar]);
        fails(Injector::serve(&fixture), 13, "parcel-refused", &["Parcel 0000 is refused at byte", part]);
    }
    let mut fixture = Fixture::new();
    fixture.carry(&bytes);
    fixture.blob(&noise(69, 10));
    fixture.write();
    fails(Injector::serve(&fixture), 13, "parcel-refused", &["the catalog does not list it"]);
}

#[test]
fn a_wrong_or_absent_blob_is_14() {
    let bytes = noise(62, 1000);
    let mut fixture = Fixture::new();
    let digest = fixture.blob(&bytes);
    let mut other = tar([&bytes]);
    other[600] ^= 1;
    fixture.write_parcels(&[other]);
    fails(Injector::serve(&fixture), 14, "blob-wrong", &[&format!("Blob {digest} is wrong: expected {digest}, found sha256:")]);

    let mut fixture = Fixture::new();
    fixture.record(format!("blob {digest} 999")).carry(&bytes);
    fixture.write();
    fails(Injector::serve(&fixture), 14, "blob-wrong", &["expected 999 bytes, found 1000 bytes"]);

    let mut fixture = Fixture::new();
    fixture.record(format!("blob {digest} 1000")).write();
    fails(Injector::serve(&fixture), 14, "blob-wrong", &[&format!("Blob {digest} is listed in the catalog, but no parcel held it")]);
}

#[test]
fn an_unusable_store_is_15() {
    let fixture = small();
    fs::write(fixture.store(), "a file").unwrap();
    fails(Injector::serve(&fixture), 15, "store-unwritable", &["store cannot be used"]);
}

#[test]
fn a_full_store_is_15_and_says_so() {
    let mut fixture = Fixture::new();
    let blob = fixture.blob(&noise(63, 3_000_000));
    fixture.record("repository demo").write();
    if !fixture.small_store() {
        return;
    }
    let words = ["is full while writing", &blob, "of 3000000 bytes", "ephemeral storage"];
    fails(Injector::serve(&fixture), 15, "store-unwritable", &words);
    let words = ["is full while writing", "its volume needs more room"];
    fails(Injector::serve_to(&fixture, &["--durable"]), 15, "store-unwritable", &words);
}

#[test]
fn a_port_that_is_taken_is_16() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let fixture = small();
    let mut command = Command::new(binary());
    let directory = &fixture.directory;
    command.arg("serve").arg("--catalog").arg(directory.join("catalog")).arg("--chunks").arg(directory.join("chunks"));
    command.arg("--store").arg(fixture.store()).arg("--listen").arg(taken.local_addr().unwrap().to_string());
    fails(Injector::start(command), 16, "listen-failed", &["ddress", "in use"]);
}
