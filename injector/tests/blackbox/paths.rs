//! What lies outside the secret path, and that nothing else can be read.

use crate::client::{Client, get};
use crate::fixture::{Fixture, SECRET, hex, path};
use crate::process::Injector;

fn started() -> (Fixture, Injector) {
    let mut fixture = Fixture::new();
    let digest = fixture.manifest(b"{}", crate::fixture::OCI_MANIFEST);
    fixture.blob(b"some blob");
    fixture.tag("library/demo", "latest", &digest);
    fixture.write();
    let injector = Injector::serve(&fixture);
    injector.ready();
    (fixture, injector)
}

#[test]
fn everything_outside_the_secret_path_gets_the_same_404_byte_for_byte() {
    let (_fixture, injector) = started();
    let blob = format!("sha256:{}", hex(b"some blob"));
    let almost = SECRET.replace("abcdef0123", "abcdee0123");
    let long = "f".repeat(10_000);
    let wrong = [
        "/".to_string(),
        "/v2".to_string() + "x",
        "/v2//".to_string(),
        "/v2/_catalog".to_string(),
        "/readyz".to_string(),
        format!("/{almost}/readyz"),
        format!("/{SECRET}"),
        format!("/{SECRET}/"),
        format!("/{SECRET}/readyz/"),
        format!("/{SECRET}x/readyz"),
        format!("/v2/{almost}/library/demo/manifests/latest"),
        format!("/v2/{almost}/library/demo/blobs/{blob}"),
        format!("/v2/{almost}/library/demo/tags/list"),
        format!("/v2/{almost}/"),
        format!("/v2/{}/library/demo/manifests/latest", &SECRET[..31]),
        format!("/v2/{SECRET}0/library/demo/manifests/latest"),
        format!("/v2/{}/library/demo/manifests/latest", SECRET.to_uppercase()),
        format!("/v2/{long}/library/demo/manifests/latest"),
        format!("/v2/library/demo/manifests/latest?ns={SECRET}"),
        format!("/v2/library/demo/blobs/{blob}"),
        format!("/V2/{SECRET}/library/demo/manifests/latest"),
        format!("//v2/{SECRET}/library/demo/manifests/latest"),
        format!("/v2/./{SECRET}/library/demo/manifests/latest"),
        format!("/v2/%30{}/library/demo/manifests/latest", &SECRET[1..]),
        format!("/x/../v2/{SECRET}/library/demo/manifests/latest"),
        format!("http://{SECRET}/v2/library/demo/manifests/latest"),
        format!("ftp://host/v2/{SECRET}/library/demo/manifests/latest"),
        "*".to_string(),
        "host:443".to_string(),
        "/../../../../etc/passwd".to_string(),
        "/v2/../../etc/passwd".to_string(),
    ];
    let expected = get(injector.address(), "/nothing");
    assert_eq!(expected.status, 404);
    assert!(!expected.head.contains("Connection"), "{}", expected.head);
    let mut client = Client::new(injector.address());
    for target in &wrong {
        assert_eq!(client.get(target), expected, "{target}");
        assert_eq!(client.head(target).head, expected.head, "HEAD {target}");
        client.write(format!("POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"));
        assert_eq!(client.response(), expected, "POST {target}");
    }
}

#[test]
fn nothing_but_contents_can_be_read_inside_the_secret_path() {
    let (fixture, injector) = started();
    std::fs::write(fixture.store().join("secret-file"), "not for you").unwrap();
    let hex = hex(b"some blob");
    let names = [
        "../catalog".to_string(),
        "..%2fcatalog".to_string(),
        "secret-file".to_string(),
        "sha256:../secret-file".to_string(),
        "sha256:..%2f..%2fcatalog".to_string(),
        "position".to_string(),
        hex.clone(),
        format!("sha256:{hex}/"),
        format!("sha256:{hex}/../../catalog"),
        format!("sha256:{hex}%00"),
        format!("sha256%3A{hex}"),
        format!("sha256:{}", hex.to_uppercase()),
        format!("sha256:{hex}.part"),
        format!("sha256:{}", &hex[1..]),
        format!("sha256:{hex}0"),
        format!("sha512:{hex}{hex}"),
        "sha256:".to_string(),
        ":".to_string(),
        String::new(),
    ];
    let mut client = Client::new(injector.address());
    for name in &names {
        for word in ["blobs", "manifests"] {
            let response = client.get(&path(&format!("library/demo/{word}/{name}")));
            assert!(matches!(response.status, 400 | 404), "{word}/{name}: {}", response.head);
            assert!(response.text().starts_with("{\"errors\":[{\"code\":\""), "{word}/{name}");
        }
    }
    // A NUL is no character of a request target.
    let nul = Client::new(injector.address()).write(format!("GET {}\0 HTTP/1.1\r\nHost: x\r\n\r\n", path("x/tags/list"))).response();
    assert_eq!(nul.status, 400);
}

#[test]
fn the_ping_says_nothing_and_needs_no_secret() {
    let (_fixture, injector) = started();
    let mut client = Client::new(injector.address());
    for target in ["/v2", "/v2/", &format!("/v2/{SECRET}"), &format!("/v2/{SECRET}/"), "/v2/?ns=docker.io", "http://any.host:99/v2/"] {
        let response = client.get(target);
        assert_eq!((response.status, response.text().as_str()), (200, "{}"), "{target}");
        assert_eq!(client.head(target).head, response.head, "{target}");
    }
}

#[test]
fn readiness_is_told_behind_the_secret_only() {
    let (_fixture, injector) = started();
    let response = get(injector.address(), &format!("/{SECRET}/readyz"));
    assert_eq!((response.status, response.text().as_str()), (200, "ready\n"));
}

#[test]
fn the_log_never_holds_the_secret() {
    let (_fixture, injector) = started();
    let address = injector.address();
    get(address, &path("library/demo/manifests/latest"));
    get(address, &path(&format!("library/demo/blobs/sha256:{}", hex(b"some blob"))));
    injector.line("pull", "kind=manifest");
    injector.line("pull", "kind=blob");
    injector.signal("TERM");
    let (status, lines) = injector.end();
    assert!(status.success());
    assert!(lines.iter().all(|line| !line.contains(SECRET)), "{lines:#?}");
}
