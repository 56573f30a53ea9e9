//! Slices of contents: where they begin, what they are answered, and who gets their bytes.

use std::net::Shutdown;

use super::{ask, started};
use crate::client::get;
use crate::fixture::{noise, path};

#[test]
fn a_blob_comes_in_slices_and_is_served_when_it_is_whole() {
    let bytes = noise(200, 300_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let blob = &blobs[0];
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.offset(blob), (0, 300_000));
    assert_eq!(deliverer.put(blob, &bytes, 0, 100_000), (200, Some(100_000)));
    assert_eq!(deliverer.offset(blob), (100_000, 300_000));
    assert_eq!(deliverer.put(blob, &bytes, 100_000, 300_000), (201, Some(300_000)));
    assert_eq!(deliverer.offset(blob), (300_000, 300_000));
    assert!(get(injector.address(), &path(&format!("demo/blobs/{blob}"))).body == bytes);
    assert!(injector.line("delivered", blob).ends_with("size=300000"));
}

#[test]
fn bytes_that_are_here_are_skipped() {
    let bytes = noise(201, 300_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 150_000), (200, Some(150_000)));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 100_000), (200, Some(150_000)));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 50_000, 200_000), (200, Some(200_000)));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 300_000), (201, Some(300_000)));
    // Whole: also slices that nobody needs are read to their end.
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 300_000), (201, Some(300_000)));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 5, 6), (201, Some(300_000)));
    assert!(get(injector.address(), &path(&format!("demo/blobs/{}", blobs[0]))).body == bytes);
}

#[test]
fn a_waiting_client_gets_the_bytes_as_they_come_and_the_last_one_when_the_digest_was_right() {
    let bytes = noise(202, 200_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut feed = injector.deliverer().feed();
    let mut client = ask(&injector, &blobs[0]);
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[0]));
    let mut deliverer = injector.deliverer();
    deliverer.begin(&blobs[0], 0, bytes.len(), bytes.len(), "");
    deliverer.client.write(&bytes[..70_000]);
    assert_eq!(client.response_head().length(), bytes.len());
    assert!(client.take(70_000) == bytes[..70_000]);
    deliverer.client.write(&bytes[70_000..]);
    assert!(client.take(130_000) == bytes[70_000..]);
    assert_eq!(deliverer.taken(), (201, Some(200_000)));
    assert_eq!(feed.line(), format!("verified {} 200000", blobs[0]));
    assert_eq!(feed.line(), format!("pulled {} 200000 127.0.0.1", blobs[0]));
}

#[test]
fn a_body_that_is_cut_off_counts_as_far_as_it_came_and_the_next_connection_goes_on() {
    let bytes = noise(203, 200_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut client = ask(&injector, &blobs[0]);
    let mut deliverer = injector.deliverer();
    deliverer.begin(&blobs[0], 0, bytes.len(), bytes.len(), "");
    deliverer.client.write(&bytes[..60_000]);
    client.response_head();
    assert!(client.take(60_000) == bytes[..60_000]);
    drop(deliverer);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.offset(&blobs[0]), (60_000, 200_000));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 60_000, 200_000), (201, Some(200_000)));
    assert!(client.take(140_000) == bytes[60_000..]);
}

#[test]
fn a_second_connection_takes_over_from_one_that_says_nothing_any_more() {
    let bytes = noise(204, 200_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut client = ask(&injector, &blobs[0]);
    let mut dead = injector.deliverer();
    dead.begin(&blobs[0], 0, bytes.len(), bytes.len(), "");
    dead.client.write(&bytes[..60_000]);
    client.response_head();
    assert!(client.take(60_000) == bytes[..60_000]);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put(&blobs[0], &bytes, 50_000, 200_000), (201, Some(200_000)));
    assert!(client.take(140_000) == bytes[60_000..]);
    assert_eq!(dead.client.rest(), b"");
}

#[test]
fn a_slice_that_is_left_of_a_connection_that_has_ended_takes_nothing_over() {
    let bytes = noise(208, 200_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let (mut ended, mut living) = (injector.deliverer(), injector.deliverer());
    let mut client = ask(&injector, &blobs[0]);
    living.begin(&blobs[0], 0, bytes.len(), bytes.len(), "");
    living.client.write(&bytes[..60_000]);
    client.response_head();
    client.fill(60_000);
    // Its head and its end are there before the registry looks.
    injector.stop();
    ended.begin(&blobs[0], 50_000, 150_000, bytes.len(), "");
    ended.client.write(&bytes[50_000..60_000]);
    drop(ended);
    injector.signal("CONT");
    injector.await_rest();
    living.client.write(&bytes[60_000..]);
    assert_eq!(living.taken(), (201, Some(200_000)));
    assert!(client.take(200_000) == bytes);
}

#[test]
fn a_slice_behind_what_is_here_is_refused_or_waits_for_what_is_before() {
    let bytes = noise(205, 200_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut early = injector.deliverer();
    early.begin(&blobs[0], 120_000, 80_000, bytes.len(), "");
    assert_eq!(early.taken(), (409, Some(0)));
    early.client.socket.shutdown(Shutdown::Write).unwrap();
    assert_eq!(early.client.rest(), b"");
    let mut late = injector.deliverer();
    late.begin(&blobs[0], 120_000, 80_000, bytes.len(), "Prefer: wait=60\r\n");
    late.client.write(&bytes[120_000..]);
    assert_eq!(injector.deliverer().put(&blobs[0], &bytes, 0, 120_000), (200, Some(120_000)));
    assert_eq!(late.taken(), (201, Some(200_000)));
    // A short body is read past, and the connection stays.
    assert_eq!(late.offset(&blobs[0]), (200_000, 200_000));
}

#[test]
fn a_wrong_blob_begins_again_and_nobody_gets_the_whole_of_it() {
    let bytes = noise(206, 200_000);
    let mut wrong = bytes.clone();
    wrong[10] ^= 1;
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut feed = injector.deliverer().feed();
    let mut fooled = ask(&injector, &blobs[0]);
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[0]));
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put(&blobs[0], &wrong, 0, 100_000), (200, Some(100_000)));
    fooled.response_head();
    fooled.take(100_000);
    assert_eq!(deliverer.put(&blobs[0], &wrong, 100_000, 200_000), (422, Some(0)));
    assert_eq!(feed.line(), format!("wrong {}", blobs[0]));
    // Whoever has wrong bytes is cut off: the right ones do not go with them.
    assert!(fooled.rest().len() < 100_000);
    let mut client = ask(&injector, &blobs[0]);
    assert_eq!(feed.line(), format!("wanted {} 0", blobs[0]));
    assert_eq!(deliverer.offset(&blobs[0]), (0, 200_000));
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 200_000), (201, Some(200_000)));
    assert!(client.response().body == bytes);
    assert!(injector.line("wrong", &blobs[0]).ends_with("size=200000"));
}

#[test]
fn a_slice_that_waits_in_vain_is_refused() {
    let bytes = noise(207, 200_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut deliverer = injector.deliverer();
    assert_eq!(deliverer.put(&blobs[0], &bytes, 0, 1_000), (200, Some(1_000)));
    // The body is short enough to be read past.
    assert_eq!(deliverer.put_with(&blobs[0], &bytes, 150_000, 200_000, "Prefer: wait=1\r\n"), (409, Some(1_000)));
    assert_eq!(deliverer.offset(&blobs[0]), (1_000, 200_000));
}

#[test]
fn a_slice_has_to_say_what_it_is() {
    let (_fixture, injector, blobs) = started(&[b"ten bytes."]);
    let mut deliverer = injector.deliverer();
    for range in [
        "",
        "Content-Range: bytes 0-9/11\r\n",
        "Content-Range: bytes 0-8/10\r\n",
        "Content-Range: bytes 0-10/10\r\n",
        "Content-Range: bytes 9-0/10\r\n",
        "Content-Range: bytes 0-9/*\r\n",
        "Content-Range: bytes */10\r\n",
        "Content-Range: bytes=0-9/10\r\n",
        "Content-Range: bytes +0-9/10\r\n",
        "Content-Range: items 0-9/10\r\n",
        "Content-Range: bytes 0-9/10\r\nContent-Range: bytes 0-9/10\r\n",
        "Content-Range: bytes 0-99999999999999999999/10\r\n",
    ] {
        let answer = deliverer.request("PUT", &format!("/blobs/{}", blobs[0]), &format!("Content-Length: 10\r\n{range}\r\nten bytes."));
        assert_eq!((answer.status, answer.header("Jackal-Offset")), (400, Some("0")), "{range:?}");
    }
    for body in ["Transfer-Encoding: chunked\r\n", "Content-Length: 10\r\nExpect: 100-continue\r\n"] {
        let mut deliverer = injector.deliverer();
        let answer = deliverer.request("PUT", &format!("/blobs/{}", blobs[0]), &format!("Content-Range: bytes 0-9/10\r\n{body}"));
        assert_eq!((answer.status, answer.header("Connection")), (400, Some("close")), "{body:?}");
    }
    assert_eq!(deliverer.put(&blobs[0], b"ten bytes.", 0, 10), (201, Some(10)));
}

#[test]
fn what_the_catalog_does_not_list_is_404_and_other_methods_are_405() {
    let (_fixture, injector, blobs) = started(&[b"some bytes"]);
    let mut deliverer = injector.deliverer();
    let unknown = format!("sha256:{}", "0".repeat(64));
    assert_eq!(deliverer.put(&unknown, b"some bytes", 0, 10).0, 404);
    for path in [format!("/blobs/{unknown}"), "/blobs/".into(), "/blobs/sha256:0".into(), "/".into(), format!("/blobs/{}/", blobs[0])] {
        assert_eq!(deliverer.request("HEAD", &path, "").status, 404, "{path}");
    }
    let answer = deliverer.request("GET", &format!("/blobs/{}", blobs[0]), "");
    assert_eq!((answer.status, answer.header("Allow")), (405, Some("HEAD, PUT")));
    let answer = deliverer.request("POST", "/demands", "");
    assert_eq!((answer.status, answer.header("Allow")), (405, Some("GET")));
}

#[test]
fn several_blobs_come_at_once_and_each_goes_to_all_who_wait_for_it() {
    let contents: Vec<Vec<u8>> = (0..4).map(|seed| noise(210 + seed, 400_000)).collect();
    let (_fixture, injector, blobs) = started(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let mut clients: Vec<_> = blobs.iter().chain(&blobs).map(|blob| ask(&injector, blob)).collect();
    let mut deliverers: Vec<_> = blobs.iter().map(|_| injector.deliverer()).collect();
    for ((deliverer, blob), bytes) in deliverers.iter_mut().zip(&blobs).zip(&contents) {
        deliverer.begin(blob, 0, bytes.len(), bytes.len(), "");
    }
    for start in (0..400_000).step_by(100_000) {
        for (deliverer, bytes) in deliverers.iter_mut().zip(&contents) {
            deliverer.client.write(&bytes[start..start + 100_000]);
        }
    }
    for deliverer in &mut deliverers {
        assert_eq!(deliverer.taken(), (201, Some(400_000)));
    }
    for (client, bytes) in clients.iter_mut().zip(contents.iter().chain(&contents)) {
        assert!(client.response().body == *bytes);
    }
}

#[test]
fn requests_may_follow_one_another_without_waiting_for_answers() {
    let bytes = noise(220, 10_000);
    let (_fixture, injector, blobs) = started(&[&bytes]);
    let mut deliverer = injector.deliverer();
    let put = |first: usize, end: usize| {
        let head = format!("Content-Range: bytes {first}-{}/10000\r\nContent-Length: {}\r\n\r\n", end - 1, end - first);
        [format!("PUT /blobs/{} HTTP/1.1\r\nHost: x\r\n{head}", blobs[0]).into_bytes(), bytes[first..end].to_vec()].concat()
    };
    deliverer.client.write([put(0, 3_000), put(3_000, 9_000), put(9_000, 10_000)].concat());
    assert_eq!([deliverer.taken(), deliverer.taken(), deliverer.taken()], [(200, Some(3_000)), (200, Some(9_000)), (201, Some(10_000))]);
}
