//! What a request on the delivery port asks for.

use std::time::Duration;

use crate::digest::Digest;
use crate::hex;
use crate::server::http::content_range::Slice;
use crate::server::http::head::{Head, Method};
use crate::server::http::preference;
use crate::token::{Nonce, Proof};

/// Most seconds that `Prefer: wait` can ask for.
const MOST_PATIENCE: u64 = 60;

#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    /// With the client's nonce, if it is one.
    Hello(Option<Nonce>),
    Prove(Option<Proof>),
    Demands,
    /// What is not here and not being copied.
    Missing,
    /// Nothing more is going to be delivered.
    End,
    /// How many bytes of a content are here.
    Offset(Digest),
    Put(Put),
    /// The catalog is brought, with what shows from whom.
    Catalog(Option<Proof>),
    /// Another method than these.
    NotAllowed(&'static str),
    Unknown,
}

/// Bytes of a content.
#[derive(Debug, PartialEq, Eq)]
pub struct Put {
    pub digest: Digest,
    /// None when it is not said, or not well.
    pub slice: Option<Slice>,
    /// How long the bytes before the slice may be waited for.
    pub patience: Duration,
}

impl Request {
    pub fn read(head: &Head) -> Request {
        let hex = |value: Option<&[u8]>| value.and_then(|value| hex::decode(std::str::from_utf8(value).ok()?));
        let headers = &head.delivery;
        match (head.target, head.method) {
            ("/hello", Method::Get) => Request::Hello(hex(headers.nonce)),
            ("/prove", Method::Get) => Request::Prove(hex(headers.proof)),
            ("/demands", Method::Get) => Request::Demands,
            ("/missing", Method::Get) => Request::Missing,
            ("/end", Method::Put) => Request::End,
            ("/catalog", Method::Put) => Request::Catalog(hex(headers.proof)),
            ("/hello" | "/prove" | "/demands" | "/missing", _) => Request::NotAllowed("GET"),
            ("/catalog" | "/end", _) => Request::NotAllowed("PUT"),
            (path, method) => match path.strip_prefix("/blobs/").and_then(Digest::parse) {
                None => Request::Unknown,
                Some(digest) if method == Method::Head => Request::Offset(digest),
                Some(digest) if method == Method::Put => Request::Put(Put {
                    digest,
                    slice: headers.content_range.and_then(Slice::parse),
                    patience: Duration::from_secs(headers.prefer.and_then(preference::wait).unwrap_or(0).min(MOST_PATIENCE)),
                }),
                Some(_) => Request::NotAllowed("HEAD, PUT"),
            },
        }
    }
}
