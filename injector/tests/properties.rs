//! Properties of the parsers, for inputs that nobody thought of.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use jackal_injector::commands::reply;
use jackal_injector::digest::{self, Digest};
use jackal_injector::failure::Failure;
use jackal_injector::hex;
use jackal_injector::intake::tar::{Reader, Receiver};
use jackal_injector::server::http::head::{self, Body, Method};
use jackal_injector::server::http::range::{Selection, select};
use jackal_injector::server::idle::Idle;
use jackal_injector::server::listen::Listen;
use jackal_injector::token::{Matter, Token};
use proptest::prelude::*;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// Keeps what comes out of a tar.
#[derive(Debug, Default, PartialEq, Eq)]
struct Files {
    files: Vec<(Digest, u64, Vec<u8>, bool)>,
    boundaries: Vec<u64>,
}

impl Receiver for Files {
    fn begin(&mut self, digest: Digest, size: u64) -> Result<(), Failure> {
        self.files.push((digest, size, Vec::new(), false));
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.files.last_mut().unwrap().2.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self, boundary: u64) -> Result<(), Failure> {
        self.files.last_mut().unwrap().3 = true;
        self.boundaries.push(boundary);
        Ok(())
    }
}

fn header(path: &str, size: usize, kind: u8) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..path.len()].copy_from_slice(path.as_bytes());
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn pad(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let guess = rest.len() + 1;
    let length = if guess + 1 >= 10 { rest.len() + 2 } else { guess };
    let length = if length >= 100 { rest.len() + 3 } else { length };
    format!("{length}{rest}")
}

/// A tar of these contents; those marked carry path and size in a pax header.
fn tar(contents: &[(Vec<u8>, bool)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (content, extended) in contents {
        let path = format!("blobs/sha256/{}", digest::of(content).hex());
        if *extended {
            let records = record("mtime", "1.5") + &record("path", &path) + &record("size", &content.len().to_string());
            tar.extend(header("x", records.len(), b'x'));
            tar.extend(pad(records.into_bytes()));
            tar.extend(header("cut-off", 0, b'0'));
        } else {
            tar.extend(header(&path, content.len(), b'0'));
        }
        tar.extend(pad(content.clone()));
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

/// Feeds a tar in pieces of the lengths given, over and over.
fn read(tar: &[u8], position: u64, lengths: &[usize]) -> (Files, Result<(), Failure>) {
    let (mut files, mut reader, mut rest) = (Files::default(), Reader::new("p", position), tar);
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, behind) = rest.split_at((*length).min(rest.len()));
        if let Err(failure) = reader.feed(piece, &mut files) {
            return (files, Err(failure));
        }
        rest = behind;
    }
    let end = reader.finish();
    (files, end)
}

fn contents() -> impl Strategy<Value = Vec<(Vec<u8>, bool)>> {
    proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..1500), any::<bool>()), 0..6)
}

/// As Python's hmac says.
#[test]
fn proofs_are_hmac_sha256_over_what_is_proven_and_both_nonces() {
    let token = Token::new(b"a-token-of-the-tests-0123456789abcdef").unwrap();
    let catalog = Digest::from_hex(&"09".repeat(32)).unwrap();
    for (matter, expected) in [
        (Matter::Serve, "8ac427002ac0887210fb0f02c0355b976e1165e7eaf5022af473c2d6f8b729dd"),
        (Matter::Deliver, "4616ff926ac9a99e797d15099eb7b610f23d54997f0c73cf6649b93724032048"),
        (Matter::Catalog(catalog), "4650f4ab644cdb6b151925028fcb0b5be1138e5c19633c06f73d849bcd06a57b"),
    ] {
        let proof = token.prove(matter, &[7; 32], &[8; 32]);
        assert_eq!(hex::encode(&proof), expected);
        assert!(token.is_proven(matter, &[7; 32], &[8; 32], &proof));
        assert!(!token.is_proven(matter, &[8; 32], &[7; 32], &proof));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tar_comes_out_as_it_went_in_however_it_is_cut(contents in contents(), lengths in proptest::collection::vec(1usize..2000, 1..8)) {
        let (files, end) = read(&tar(&contents), 0, &lengths);
        prop_assert_eq!(end, Ok(()));
        let expected: Vec<_> = contents.into_iter().map(|(bytes, _)| (digest::of(&bytes), bytes.len() as u64, bytes, true)).collect();
        prop_assert_eq!(files.files, expected);
    }

    #[test]
    fn a_reader_can_start_again_at_every_boundary(contents in contents(), lengths in proptest::collection::vec(1usize..2000, 1..4)) {
        let tar = tar(&contents);
        let (files, _) = read(&tar, 0, &lengths);
        for (place, boundary) in files.boundaries.iter().enumerate() {
            let (rest, end) = read(&tar[usize::try_from(*boundary).unwrap()..], *boundary, &lengths);
            prop_assert_eq!(end, Ok(()));
            prop_assert_eq!(&rest.files[..], &files.files[place + 1..]);
            prop_assert_eq!(&rest.boundaries[..], &files.boundaries[place + 1..]);
        }
    }

    #[test]
    fn a_tar_that_is_cut_off_is_refused(contents in contents(), cut in 1usize..4000) {
        let tar = tar(&contents);
        let (_, end) = read(&tar[..tar.len().saturating_sub(cut)], 0, &[512]);
        prop_assert!(end.is_err());
    }

    #[test]
    fn a_damaged_tar_does_not_depend_on_how_it_is_cut(contents in contents(), place in any::<prop::sample::Index>(), byte in any::<u8>(), length in 1usize..700) {
        let mut tar = tar(&contents);
        let place = place.index(tar.len());
        tar[place] = byte;
        let (whole, end) = read(&tar, 0, &[tar.len()]);
        let (pieces, end_of_pieces) = read(&tar, 0, &[length]);
        prop_assert_eq!(whole, pieces);
        prop_assert_eq!(end.is_ok(), end_of_pieces.is_ok());
    }

    #[test]
    fn nonsense_is_no_tar(bytes in proptest::collection::vec(any::<u8>(), 512..3000)) {
        prop_assume!(bytes[..512].iter().any(|byte| *byte != 0));
        let (files, end) = read(&bytes, 0, &[100]);
        prop_assert!(end.is_err() && files.files.is_empty());
    }

    #[test]
    fn a_range_is_never_empty_and_never_outside(value in "(bytes|Bytes|items)?[ =]{0,2}[0-9,-]{0,25}", size in prop_oneof![0u64..50, any::<u64>()]) {
        match select(Some(value.as_bytes()), size) {
            Selection::Part { start, end } => prop_assert!(start < end && end <= size),
            Selection::Unsatisfiable => prop_assert!(size > 0),
            Selection::Whole => {}
        }
    }

    #[test]
    fn a_plain_range_means_what_it_says(first in 0u64..2000, more in 0u64..2000, size in 1u64..2000) {
        let last = first + more;
        let expected = if first < size { Selection::Part { start: first, end: (last + 1).min(size) } } else { Selection::Unsatisfiable };
        prop_assert_eq!(select(Some(format!("bytes={first}-{last}").as_bytes()), size), expected);
        let suffix = if last == 0 { Selection::Unsatisfiable } else { Selection::Part { start: size.saturating_sub(last), end: size } };
        prop_assert_eq!(select(Some(format!("bytes=-{last}").as_bytes()), size), suffix);
    }

    #[test]
    fn any_bytes_are_a_range_header_that_does_no_harm(value in proptest::collection::vec(any::<u8>(), 0..100), size in any::<u64>()) {
        select(Some(&value), size);
    }

    #[test]
    fn a_sound_head_is_read_back(path in "/[!-~]{0,60}", range in proptest::option::of("[!-~]{1,30}"), length in proptest::option::of(any::<u64>()), close in any::<bool>()) {
        prop_assume!(!path.contains("://"));
        let mut text = format!("HEAD {path} HTTP/1.1\r\nhOsT: x\r\n");
        if let Some(range) = &range { text += &format!("Range:{range}\r\n"); }
        if let Some(length) = length { text += &format!("Content-Length: {length}\r\n"); }
        if close { text += "Connection: foo, CLOSE\r\n"; }
        text += "\r\n";
        let read = head::read(text.as_bytes()).unwrap();
        prop_assert_eq!((read.method, read.target, read.keep_alive, read.old), (Method::Head, path.as_str(), !close, false));
        prop_assert_eq!(read.range, range.as_deref().map(str::as_bytes));
        let body = match length { None | Some(0) => Body::None, Some(length) => Body::Sized(length) };
        prop_assert_eq!(read.body, body);
    }

    #[test]
    fn the_end_of_a_head_is_found_however_it_comes(head in "[a-c\r\n:]{0,60}", cut in any::<prop::sample::Index>()) {
        let text = head + "x\r\n\r\nGET";
        let whole = head::find_end(text.as_bytes(), 0).unwrap();
        // Bytes that were looked at before are not looked at again, and nothing is missed.
        let cut = cut.index(text.len());
        let early = head::find_end(&text.as_bytes()[..cut], 0);
        match early {
            Some(end) => prop_assert_eq!(end, whole),
            None => prop_assert_eq!(head::find_end(text.as_bytes(), cut), Some(whole)),
        }
    }

    #[test]
    fn any_bytes_are_a_head_that_does_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = head::read(&bytes);
    }

    #[test]
    fn digests_are_read_back(bytes in proptest::collection::vec(any::<u8>(), 0..100), junk in "[0-9a-fA-F:]{0,80}") {
        let digest = digest::of(&bytes);
        prop_assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        let plain = junk.len() == 64 && !junk.contains(|letter: char| letter.is_ascii_uppercase() || letter == ':');
        prop_assert_eq!(Digest::from_hex(&junk).is_some(), plain);
    }

    #[test]
    fn a_port_or_an_address_is_read_back_and_a_name_is_not(port in any::<u16>(), ip in any::<IpAddr>(), name in "[a-z.-]{1,20}") {
        prop_assert_eq!(Listen::parse(&port.to_string()), Some(Listen::Everywhere(port)));
        let address = SocketAddr::from((ip, port));
        prop_assert_eq!(Listen::parse(&address.to_string()), Some(Listen::At(address)));
        prop_assert_eq!(Listen::parse(&format!("{name}:{port}")), None);
        prop_assert_eq!(Listen::parse(&(u64::from(port) + 65_536).to_string()), None);
        prop_assert_eq!(Listen::parse(&format!("+{port}")), None);
    }

    #[test]
    fn a_status_is_read_from_a_whole_line_only(status in 100u16..1000, minor in 0u8..2, reason in "( [ -~]{0,20})?", rest in "[ -~\r\n]{0,20}") {
        let line = format!("HTTP/1.{minor} {status}{reason}\r\n");
        prop_assert_eq!(reply::read_status((line.clone() + &rest).as_bytes()), Some(status));
        for cut in 0..line.len() {
            prop_assert_eq!(reply::read_status(&line.as_bytes()[..cut]), None);
        }
    }

    #[test]
    fn idle_connections_go_in_their_order(steps in proptest::collection::vec((0u8..4, any::<bool>(), 0u64..20), 0..60)) {
        let start = Instant::now();
        let at = |second| start + Duration::from_secs(second);
        let mut idle = Idle::default();
        // The model: key, whether answered, until when; oldest first.
        let mut model: Vec<(u64, bool, u64)> = Vec::new();
        for (number, (step, answered, second)) in (0u64..).zip(steps) {
            match step {
                0 | 1 => {
                    let key = idle.insert(number, answered, at(second));
                    prop_assert!(model.last().is_none_or(|(last, ..)| *last < key));
                    model.push((key, answered, second));
                }
                2 => {
                    let place = model.iter().position(|(_, answered, _)| *answered).unwrap_or(0);
                    let expected = if model.is_empty() { None } else { Some(model.remove(place)) };
                    let found = idle.give_up().map(|waiting| waiting.answered);
                    prop_assert_eq!(found, expected.map(|(_, answered, _)| answered));
                    prop_assert!(expected.is_none_or(|(key, ..)| !idle.contains(key) && idle.take(key).is_none()));
                }
                _ => {
                    let mut expired = 0;
                    while idle.expire(at(second)).is_some() {
                        expired += 1;
                    }
                    let before = model.len();
                    model.retain(|(_, _, until)| *until > second);
                    prop_assert_eq!(expired, before - model.len());
                }
            }
            prop_assert!(model.iter().all(|(key, ..)| idle.contains(*key)));
        }
        for (key, answered, _) in model {
            prop_assert_eq!(idle.take(key).map(|waiting| waiting.answered), Some(answered));
        }
        prop_assert!(idle.give_up().is_none());
    }
}
