//! Paths. Nothing is decoded: a name that needs decoding is not one that the catalog lists.

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub enum Route<'path> {
    /// Outside the secret path, or nowhere inside it.
    Elsewhere,
    Ping,
    Readiness,
    Manifest {
        repository: &'path str,
        reference: &'path str,
    },
    Blob {
        repository: &'path str,
        digest: &'path str,
    },
    Tags {
        repository: &'path str,
    },
    Referrers {
        repository: &'path str,
        digest: &'path str,
    },
}

pub fn route<'path>(path: &'path str, secret: &str) -> Route<'path> {
    if path == "/v2" || path == "/v2/" {
        return Route::Ping;
    }
    match path.strip_prefix("/v2/") {
        Some(below) => match behind_secret(below, secret) {
            Some("" | "/") => Route::Ping,
            Some(name) => name.strip_prefix('/').and_then(from_the_right).unwrap_or(Route::Elsewhere),
            None => Route::Elsewhere,
        },
        None => match path.strip_prefix('/').and_then(|below| behind_secret(below, secret)) {
            Some("/readyz") => Route::Readiness,
            _ => Route::Elsewhere,
        },
    }
}

/// What follows the secret. The comparison takes the same time wherever the first difference is.
fn behind_secret<'path>(below: &'path str, secret: &str) -> Option<&'path str> {
    let (given, rest) = below.split_at_checked(secret.len())?;
    let difference = given.bytes().zip(secret.bytes()).fold(0, |sum, (left, right)| std::hint::black_box(sum | (left ^ right)));
    if std::hint::black_box(difference) == 0 { Some(rest) } else { None }
}

/// Repository names have any number of parts, so the end of the path is looked at first.
fn from_the_right(name: &str) -> Option<Route<'_>> {
    let (rest, last) = name.rsplit_once('/')?;
    let (repository, word) = rest.rsplit_once('/')?;
    match word {
        "manifests" => Some(Route::Manifest { repository, reference: last }),
        "blobs" => Some(Route::Blob { repository, digest: last }),
        "referrers" => Some(Route::Referrers { repository, digest: last }),
        "tags" if last == "list" => Some(Route::Tags { repository }),
        _ => None,
    }
}
