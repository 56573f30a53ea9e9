//! Manifests, blobs, tags and referrers, as clients ask for them.

use crate::client::{Client, get};
use crate::fixture::{Fixture, MEDIA_TYPES, SECRET, hex, noise, path};
use crate::process::Injector;

fn serve(fixture: &Fixture) -> (Injector, Client) {
    fixture.write();
    let injector = Injector::serve(fixture);
    let client = Client::new(injector.ready());
    (injector, client)
}

#[test]
fn each_media_type_is_served_as_it_is_and_head_equals_get() {
    let mut fixture = Fixture::new();
    let bodies: Vec<String> = (0..4).map(|number| format!("{{\"number\":{number}}}")).collect();
    for (body, media_type) in bodies.iter().zip(MEDIA_TYPES) {
        fixture.manifest(body.as_bytes(), media_type);
    }
    fixture.record("repository a/b/c");
    let (_injector, mut client) = serve(&fixture);
    for (body, media_type) in bodies.iter().zip(MEDIA_TYPES) {
        let digest = format!("sha256:{}", hex(body.as_bytes()));
        let target = path(&format!("a/b/c/manifests/{digest}"));
        let accept = "Accept: application/json\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n";
        let response = client.get_with(&target, accept);
        assert_eq!((response.status, response.text().as_str()), (200, body.as_str()));
        assert_eq!(response.header("Content-Type"), Some(media_type));
        assert_eq!(response.header("Docker-Content-Digest"), Some(digest.as_str()));
        assert_eq!(response.header("Accept-Ranges"), Some("bytes"));
        assert_eq!(response.header("Content-Encoding"), None);
        assert_eq!(client.head(&target).head, response.head);
    }
}

#[test]
fn head_equals_get_for_every_kind_of_answer() {
    let mut fixture = Fixture::new();
    let manifest = fixture.manifest(b"{}", MEDIA_TYPES[0]);
    let blob = fixture.blob(&noise(1, 100_000));
    fixture.tag("demo", "one", &manifest).tag("demo", "two", &manifest);
    let (_injector, mut client) = serve(&fixture);
    let targets = [
        "demo/manifests/one".to_string(),
        format!("demo/manifests/{manifest}"),
        "demo/manifests/three".to_string(),
        format!("demo/blobs/{blob}"),
        "demo/blobs/nothing".to_string(),
        "demo/tags/list?n=1".to_string(),
        format!("demo/referrers/{manifest}"),
        "other/tags/list".to_string(),
    ];
    for target in targets {
        let response = client.get(&path(&target));
        assert_eq!(client.head(&path(&target)).head, response.head, "{target}");
    }
}

#[test]
fn manifests_and_blobs_stay_apart_and_any_listed_repository_has_both() {
    let mut fixture = Fixture::new();
    let manifest = fixture.manifest(b"{\"manifest\":1}", MEDIA_TYPES[0]);
    let bytes = noise(2, 300_000);
    let blob = fixture.blob(&bytes);
    let odd = fixture.blob(b"odd");
    fixture.tag("library/demo", "latest", &manifest).record("repository a/manifests/b");
    let (injector, mut client) = serve(&fixture);
    let tagged = client.get(&path("library/demo/manifests/latest"));
    for repository in ["library/demo", "a/manifests/b"] {
        assert_eq!(client.get(&path(&format!("{repository}/manifests/{manifest}"))), tagged);
        assert_eq!(client.get(&path(&format!("{repository}/blobs/{blob}?ns=docker.io"))).body, bytes);
        assert_eq!(client.get(&path(&format!("{repository}/blobs/{manifest}"))).code(), "BLOB_UNKNOWN");
        assert_eq!(client.get(&path(&format!("{repository}/manifests/{blob}"))).code(), "MANIFEST_UNKNOWN");
    }
    assert!(injector.line("pull", &blob).starts_with("jackal pull kind=blob repository=library/demo "));
    let from_odd = client.get(&path(&format!("a/manifests/b/blobs/{odd}")));
    assert_eq!(from_odd.text(), "odd");
    assert!(injector.line("pull", &odd).starts_with("jackal pull kind=blob repository=a/manifests/b "));
    let response = client.get(&path(&format!("library/demo/blobs/{blob}")));
    assert_eq!(response.header("Content-Type"), Some("application/octet-stream"));
    assert_eq!(response.header("Docker-Content-Digest"), Some(blob.as_str()));
}

#[test]
fn errors_carry_the_codes_of_the_specification() {
    let mut fixture = Fixture::new();
    let manifest = fixture.manifest(b"{}", MEDIA_TYPES[0]);
    fixture.tag("demo", "latest", &manifest);
    let (_injector, mut client) = serve(&fixture);
    let absent = format!("sha256:{}", "0".repeat(64));
    let foreign = format!("sha512:{}", "0".repeat(128));
    let cases = [
        (format!("demo/manifests/{absent}"), 404, "MANIFEST_UNKNOWN"),
        (format!("demo/manifests/{foreign}"), 404, "MANIFEST_UNKNOWN"),
        ("demo/manifests/nothing".to_string(), 404, "MANIFEST_UNKNOWN"),
        ("demo/manifests/sha256:xyz".to_string(), 400, "DIGEST_INVALID"),
        ("demo/manifests/sha256:".to_string(), 400, "DIGEST_INVALID"),
        (format!("demo/blobs/{absent}"), 404, "BLOB_UNKNOWN"),
        (format!("demo/blobs/{foreign}"), 404, "BLOB_UNKNOWN"),
        ("demo/blobs/sha256:xyz".to_string(), 400, "DIGEST_INVALID"),
        ("demo/blobs/latest".to_string(), 400, "DIGEST_INVALID"),
        ("demo/referrers/sha256:xyz".to_string(), 400, "DIGEST_INVALID"),
        (format!("other/manifests/{manifest}"), 404, "NAME_UNKNOWN"),
        (format!("other/blobs/{absent}"), 404, "NAME_UNKNOWN"),
        ("other/tags/list".to_string(), 404, "NAME_UNKNOWN"),
        (format!("other/referrers/{absent}"), 404, "NAME_UNKNOWN"),
        ("demo/uploads/".to_string(), 404, "NAME_UNKNOWN"),
    ];
    for (target, status, code) in cases {
        let response = client.get(&path(&target));
        assert_eq!((response.status, response.code().as_str()), (status, code), "{target}");
        assert_eq!(response.header("Content-Type"), Some("application/json"));
    }
}

#[test]
fn other_methods_are_not_allowed_and_their_bodies_are_read_past() {
    let mut fixture = Fixture::new();
    let manifest = fixture.manifest(b"{}", MEDIA_TYPES[0]);
    fixture.tag("demo", "latest", &manifest);
    let (_injector, mut client) = serve(&fixture);
    let target = path("demo/manifests/latest");
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
        let response = client.write(format!("{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /")).response();
        assert_eq!(
            (response.status, response.header("Allow"), response.code().as_str()),
            (405, Some("GET, HEAD"), "UNSUPPORTED"),
            "{method}"
        );
        assert_eq!(client.get(&target).status, 200, "after {method}");
    }
    assert_eq!(client.write("POST /v2/ HTTP/1.1\r\nHost: x\r\n\r\n").response().status, 405);
}

#[test]
fn tags_are_sorted_and_come_in_pages() {
    let mut fixture = Fixture::new();
    let manifest = fixture.manifest(b"{}", MEDIA_TYPES[0]);
    for tag in ["b", "a", "v1.10", "Z", "v1.2"] {
        fixture.tag("lib/demo", tag, &manifest);
    }
    fixture.record("repository lib/empty");
    let (_injector, mut client) = serve(&fixture);
    let name = format!("{SECRET}/lib/demo");
    let all = client.get(&path("lib/demo/tags/list"));
    assert_eq!(all.text(), format!("{{\"name\":\"{name}\",\"tags\":[\"Z\",\"a\",\"b\",\"v1.10\",\"v1.2\"]}}"));
    assert_eq!((all.header("Link"), all.header("Content-Type")), (None, Some("application/json")));
    assert_eq!(client.get(&path("lib/empty/tags/list")).text(), format!("{{\"name\":\"{SECRET}/lib/empty\",\"tags\":[]}}"));

    let mut target = path("lib/demo/tags/list?n=2");
    let mut seen = Vec::new();
    loop {
        let page = client.get(&target);
        seen.push(page.text().split("\"tags\":").nth(1).unwrap().to_string());
        let Some(link) = page.header("Link") else { break };
        target = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\"")).unwrap().to_string();
        assert!(target.starts_with("/v2/"), "a path keeps scheme and host: {target}");
    }
    assert_eq!(seen, ["[\"Z\",\"a\"]}", "[\"b\",\"v1.10\"]}", "[\"v1.2\"]}"]);

    let cases = [
        ("n=0", "[]"),
        ("last=b", "[\"v1.10\",\"v1.2\"]"),
        ("last=zzz", "[]"),
        ("n=9&last=v1.10", "[\"v1.2\"]"),
        ("n=5", "[\"Z\",\"a\",\"b\",\"v1.10\",\"v1.2\"]"),
    ];
    for (query, tags) in cases {
        let response = client.get(&path(&format!("lib/demo/tags/list?{query}")));
        assert_eq!(response.text(), format!("{{\"name\":\"{name}\",\"tags\":{tags}}}"), "{query}");
        assert_eq!(response.header("Link"), None, "{query}");
    }
}

#[test]
fn referrers_are_an_index_also_when_there_are_none() {
    let mut fixture = Fixture::new();
    let manifest = fixture.manifest(b"{}", MEDIA_TYPES[0]);
    fixture.tag("demo", "latest", &manifest);
    let one = "{\"mediaType\":\"m\",\"annotations\":{\"note\":\"with spaces\"}}";
    fixture.record(format!("referrer {manifest} application/vnd.one+json {one}"));
    fixture.record(format!("referrer {manifest} application/vnd.two {{\"two\":2}}"));
    let (_injector, mut client) = serve(&fixture);
    let index = |list: &str| format!("{{\"schemaVersion\":2,\"mediaType\":\"{}\",\"manifests\":[{list}]}}", MEDIA_TYPES[1]);
    let zero = format!("sha256:{}", "0".repeat(64));
    let both = format!("{one},{{\"two\":2}}");
    let cases = [
        (manifest.clone(), both.as_str(), None),
        (format!("{manifest}?artifactType="), "", Some("artifactType")),
        (format!("{manifest}?artifactType=application%2Fvnd.one%2Bjson"), one, Some("artifactType")),
        (format!("{manifest}?x=y&artifactType=application/vnd.one+json"), one, Some("artifactType")),
        (format!("{manifest}?artifactType=application/vnd.three"), "", Some("artifactType")),
        (zero, "", None),
        (format!("sha512:{}", "0".repeat(128)), "", None),
    ];
    for (target, list, filters) in cases {
        let response = client.get(&path(&format!("demo/referrers/{target}")));
        assert_eq!((response.status, response.text()), (200, index(list)), "{target}");
        assert_eq!(response.header("Content-Type"), Some(MEDIA_TYPES[1]), "{target}");
        assert_eq!(response.header("OCI-Filters-Applied"), filters, "{target}");
    }
}

#[test]
fn pulls_are_logged_once_and_totalled_at_the_end() {
    let mut fixture = Fixture::new();
    let manifest = fixture.manifest(b"{}", MEDIA_TYPES[0]);
    let blob = fixture.blob(&noise(3, 70_000));
    fixture.tag("demo", "latest", &manifest);
    fixture.write();
    let injector = Injector::serve(&fixture);
    let address = injector.ready();
    for _ in 0..3 {
        get(address, &path("demo/manifests/latest"));
        get(address, &path(&format!("demo/blobs/{blob}")));
        get(address, "/nothing");
    }
    let line = injector.line("pull", "kind=blob");
    assert!(
        line.starts_with(&format!("jackal pull kind=blob repository=demo digest={blob} size=70000 bytes=70000 client=127.0.0.1 ms=")),
        "{line}"
    );
    injector.signal("TERM");
    let (status, lines) = injector.end();
    assert!(status.success());
    assert_eq!(lines.iter().filter(|line| line.starts_with("jackal pull ")).count(), 2, "{lines:#?}");
    let last = lines.last().unwrap();
    let totals = "jackal stopped connections=9 clients=1 requests=9 refused=3 manifests=3 blobs=3 bytes=210006 broken=0 ms=";
    assert!(last.starts_with(totals), "{last}");
}
