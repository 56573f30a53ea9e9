//! Ranges of blobs and manifests.

use crate::client::Client;
use crate::fixture::{Fixture, OCI_MANIFEST, noise, path};
use crate::process::Injector;

/// What a Range header has to give for 1,000 bytes: None is the whole, Err is 416.
type Expected = Result<Option<(usize, usize)>, ()>;

const CASES: [(&str, Expected); 30] = [
    ("bytes=0-", Ok(Some((0, 1000)))),
    ("bytes=0-0", Ok(Some((0, 1)))),
    ("bytes=0-999", Ok(Some((0, 1000)))),
    ("bytes=0-1000", Ok(Some((0, 1000)))),
    ("bytes=100-199", Ok(Some((100, 200)))),
    ("bytes=999-", Ok(Some((999, 1000)))),
    ("bytes=999-5000", Ok(Some((999, 1000)))),
    ("bytes=-1", Ok(Some((999, 1000)))),
    ("bytes=-1000", Ok(Some((0, 1000)))),
    ("bytes=-5000", Ok(Some((0, 1000)))),
    ("bytes=5-99999999999999999999999999", Ok(Some((5, 1000)))),
    ("Bytes=5-6", Ok(Some((5, 7)))),
    ("bytes= 5-6 ", Ok(Some((5, 7)))),
    ("bytes=1000-", Err(())),
    ("bytes=1000-1000", Err(())),
    ("bytes=99999999999999999999999999-", Err(())),
    ("bytes=-0", Err(())),
    ("bytes=5-4", Ok(None)),
    ("bytes=0-1,5-6", Ok(None)),
    ("bytes=0-1,", Ok(None)),
    ("bytes=", Ok(None)),
    ("bytes=-", Ok(None)),
    ("bytes=a-b", Ok(None)),
    ("bytes=+1-2", Ok(None)),
    ("bytes=1--2", Ok(None)),
    ("bytes=0x1-2", Ok(None)),
    ("bytes 0-1", Ok(None)),
    ("items=0-1", Ok(None)),
    ("0-1", Ok(None)),
    ("", Ok(None)),
];

#[test]
fn one_range_gives_a_part_and_everything_unclear_the_whole() {
    let mut fixture = Fixture::new();
    let bytes = noise(4, 1000);
    let blob = fixture.blob(&bytes);
    let manifest = fixture.manifest(&noise(5, 1000), OCI_MANIFEST);
    fixture.record("repository demo");
    fixture.write();
    let injector = Injector::serve(&fixture);
    let mut client = Client::new(injector.ready());
    for (target, bytes) in [(format!("demo/blobs/{blob}"), noise(4, 1000)), (format!("demo/manifests/{manifest}"), noise(5, 1000))] {
        let target = path(&target);
        let whole = client.get(&target);
        for (range, expected) in CASES {
            let response = client.get_with(&target, &format!("Range: {range}\r\n"));
            match expected {
                Ok(None) => assert_eq!(response, whole, "{range:?}"),
                Ok(Some((start, end))) => {
                    assert_eq!((response.status, &response.body[..]), (206, &bytes[start..end]), "{range:?}");
                    let content_range = format!("bytes {start}-{}/1000", end - 1);
                    assert_eq!(response.header("Content-Range"), Some(content_range.as_str()), "{range:?}");
                    for name in ["Content-Type", "Docker-Content-Digest", "Accept-Ranges"] {
                        assert_eq!(response.header(name), whole.header(name), "{range:?}");
                    }
                }
                Err(()) => {
                    assert_eq!((response.status, response.length()), (416, 0), "{range:?}");
                    assert_eq!(response.header("Content-Range"), Some("bytes */1000"), "{range:?}");
                }
            }
        }
        // Two headers are two ranges; If-Range can never match; HEAD knows no ranges.
        assert_eq!(client.get_with(&target, "Range: bytes=0-1\r\nRange: bytes=2-3\r\n"), whole);
        assert_eq!(client.get_with(&target, "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n"), whole);
        client.write(format!("HEAD {target} HTTP/1.1\r\nHost: x\r\nRange: bytes=5-9\r\n\r\n"));
        assert_eq!(client.response_head().head, whole.head);
    }
}

#[test]
fn an_empty_blob_is_whole_whatever_the_range() {
    let mut fixture = Fixture::new();
    let blob = fixture.blob(b"");
    fixture.record("repository demo");
    fixture.write();
    let injector = Injector::serve(&fixture);
    let mut client = Client::new(injector.ready());
    for range in ["", "Range: bytes=0-\r\n", "Range: bytes=-5\r\n", "Range: bytes=7-\r\n"] {
        let response = client.get_with(&path(&format!("demo/blobs/{blob}")), range);
        assert_eq!((response.status, response.length()), (200, 0), "{range:?}");
    }
}

#[test]
fn a_thousand_ranges_of_twenty_kilobytes_are_400_and_half_as_many_get_the_whole() {
    let mut fixture = Fixture::new();
    let bytes = noise(6, 200_000);
    let blob = fixture.blob(&bytes);
    fixture.record("repository demo");
    fixture.write();
    let injector = Injector::serve(&fixture);
    let address = injector.ready();
    let ask = |most: usize| {
        let ranges: Vec<String> = (1_000_000..).take(most).map(|place| format!("{}-{}", place * 1000u64, place * 1000 + 9)).collect();
        let header = format!("Range: bytes={}\r\n", ranges.join(","));
        assert!(header.len() > 20 * most);
        Client::new(address).get_with(&path(&format!("demo/blobs/{blob}")), &header)
    };
    // After this answer and no other, containers/image asks for fewer.
    assert_eq!(ask(1024).status, 400);
    let response = ask(512);
    assert_eq!((response.status, response.body), (200, bytes));
}

#[test]
fn large_parts_are_exact() {
    let mut fixture = Fixture::new();
    let bytes = noise(7, 9_000_001);
    let blob = fixture.blob(&bytes);
    fixture.record("repository demo");
    fixture.write();
    let injector = Injector::serve(&fixture);
    let mut client = Client::new(injector.ready());
    for start in [0, 1, 4095, 4096, 4_194_304, 8_900_000, 9_000_000] {
        let response = client.get_with(&path(&format!("demo/blobs/{blob}")), &format!("Range: bytes={start}-\r\n"));
        assert_eq!(response.status, 206);
        assert!(response.body == bytes[start..], "from {start}");
    }
}
