//! The registry: which answer a request gets. Knows the catalog, never touches a file.

mod documents;
mod route;

use crate::catalog::{Catalog, Content, Repository};
use crate::digest::Digest;
use crate::names;
use crate::server::http::head::{Head, Method};
use crate::server::http::query;
use crate::server::http::range::{self, Selection};
use crate::server::http::response::{Answer, Body, Status};
use route::{Route, route};

/// Answers one request. `ready` says whether everything is verified; it may take its time and is asked only when that is the question.
/// `unavailable` says whether nothing brings the content of that place any more.
pub fn answer(catalog: &Catalog, head: &Head, ready: impl FnOnce() -> bool, unavailable: &dyn Fn(usize) -> bool) -> Answer {
    let (path, query) = head.target.split_once('?').unwrap_or((head.target, ""));
    let route = route(path, &catalog.secret);
    if matches!(route, Route::Elsewhere) {
        return elsewhere();
    }
    if !matches!(head.method, Method::Get | Method::Head) {
        return Answer::error(Status::MethodNotAllowed, "UNSUPPORTED", "only GET and HEAD are served").header("Allow", "GET, HEAD");
    }
    match route {
        Route::Elsewhere => elsewhere(),
        Route::Ping => Answer::json(Status::Ok, "{}"),
        Route::Readiness if ready() => Answer::text(Status::Ok, "ready\n"),
        Route::Readiness => Answer::text(Status::Unavailable, "loading\n"),
        Route::Manifest { repository, reference } => manifest(catalog, repository, reference, head, unavailable),
        Route::Blob { repository, digest } => blob(catalog, repository, digest, head, unavailable),
        Route::Tags { repository } => match catalog.repository(repository) {
            Some(known) => documents::tags(&catalog.secret, known, query),
            None => unknown_repository(),
        },
        Route::Referrers { repository, digest } => match (catalog.repository(repository), Digest::parse(digest)) {
            (None, _) => unknown_repository(),
            (Some(_), Some(subject)) => documents::referrers(catalog, Some(&subject), query::value(query, "artifactType")),
            (Some(_), None) if names::is_foreign_digest(digest) => documents::referrers(catalog, None, query::value(query, "artifactType")),
            (Some(_), None) => malformed_digest(),
        },
    }
}

/// The answer to every path without the secret. It is the same for all of them, so that it says nothing.
fn elsewhere() -> Answer {
    Answer::error(Status::NotFound, "NAME_UNKNOWN", "not found")
}

fn unknown_repository() -> Answer {
    Answer::error(Status::NotFound, "NAME_UNKNOWN", "this run serves no such repository")
}

/// The answer for a manifest that is not listed, or that nothing brings any more.
pub fn unknown_manifest() -> Answer {
    Answer::error(Status::NotFound, "MANIFEST_UNKNOWN", "this run serves no such manifest")
}

fn malformed_digest() -> Answer {
    Answer::error(Status::BadRequest, "DIGEST_INVALID", "a digest is sha256: and 64 lower-case hex digits")
}

fn manifest(catalog: &Catalog, repository: &str, reference: &str, head: &Head, unavailable: &dyn Fn(usize) -> bool) -> Answer {
    let Some(repository) = catalog.repository(repository) else {
        return unknown_repository();
    };
    let digest = match by_reference(repository, reference) {
        Ok(digest) => digest,
        Err(malformed) => return if malformed { malformed_digest() } else { unknown_manifest() },
    };
    let found = catalog.find(&digest).and_then(|place| Some((place, catalog.contents.get(place)?)));
    match found.and_then(|(place, content)| Some((place, content, content.media_type.clone()?))) {
        Some((place, content, media_type)) if !unavailable(place) => stored("manifest", repository, place, content, media_type, head),
        _ => unknown_manifest(),
    }
}

/// The digest of a tag or digest reference. The error says whether it is a malformed digest.
fn by_reference(repository: &Repository, reference: &str) -> Result<Digest, bool> {
    if !reference.contains(':') {
        return repository.tag(reference).copied().ok_or(false);
    }
    Digest::parse(reference).ok_or(!names::is_foreign_digest(reference))
}

fn blob(catalog: &Catalog, repository: &str, digest: &str, head: &Head, unavailable: &dyn Fn(usize) -> bool) -> Answer {
    let unknown = || Answer::error(Status::NotFound, "BLOB_UNKNOWN", "this run serves no such blob");
    let Some(repository) = catalog.repository(repository) else {
        return unknown_repository();
    };
    let Some(digest) = Digest::parse(digest) else {
        return if names::is_foreign_digest(digest) { unknown() } else { malformed_digest() };
    };
    match catalog.find(&digest).and_then(|place| Some((place, catalog.contents.get(place)?))) {
        Some((place, content)) if content.blob && !unavailable(place) => {
            stored("blob", repository, place, content, "application/octet-stream".into(), head)
        }
        _ => unknown(),
    }
}

/// The answer that sends a content, or the one range of it that was asked for. Ranges are for GET only (RFC 9110, 14.2), which keeps
/// HEAD's headers those of a plain GET.
fn stored(kind: &'static str, repository: &Repository, place: usize, content: &Content, media_type: String, head: &Head) -> Answer {
    let range = if head.method == Method::Get { head.range } else { None };
    let (status, start, end) = match range::select(range, content.size) {
        Selection::Whole => (Status::Ok, 0, content.size),
        Selection::Part { start, end } => (Status::PartialContent, start, end),
        Selection::Unsatisfiable => {
            let answer = Answer::json(Status::RangeNotSatisfiable, "");
            return answer.header("Content-Range", format_args!("bytes */{}", content.size)).header("Accept-Ranges", "bytes");
        }
    };
    let body = Body::Content { place, start, end, kind, repository: repository.name.clone() };
    let answer = Answer { status, content_type: media_type.into(), headers: String::new(), body, close: false };
    let answer = answer.header("Docker-Content-Digest", content.digest).header("Accept-Ranges", "bytes");
    match status {
        Status::PartialContent => answer.header("Content-Range", format_args!("bytes {start}-{}/{}", end.saturating_sub(1), content.size)),
        _ => answer,
    }
}
