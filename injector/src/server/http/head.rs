//! Request heads: finding their end, and reading them with httparse.

use std::mem::MaybeUninit;

use httparse::{Request, Status};

/// Longest head, request line and all: as many as there are threads fit into a quarter of the Pod's memory. Only containers/image sends
/// longer ones, with up to 1,024 ranges in about 20 kB, and asks for half as many at once after an answer 400.
pub const LONGEST_HEAD: usize = 16 << 10;
/// Most header lines.
const MOST_HEADERS: usize = 128;

/// What a request asks, as far as the answer depends on it.
#[derive(Debug, PartialEq, Eq)]
pub struct Head<'buffer> {
    pub method: Method,
    /// Path and query, with the scheme and authority of an absolute target cut off.
    pub target: &'buffer str,
    /// Value of the only Range header, when there is exactly one and no If-Range (nothing here has a validator that could match).
    pub range: Option<&'buffer [u8]>,
    /// Values of headers that only deliveries have, each None when there is not exactly one.
    pub delivery: Delivery<'buffer>,
    pub body: Body,
    /// Whether the client takes another answer on this connection.
    pub keep_alive: bool,
    /// HTTP/1.0: staying open has to be said.
    pub old: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery<'buffer> {
    pub nonce: Option<&'buffer [u8]>,
    pub proof: Option<&'buffer [u8]>,
    pub content_range: Option<&'buffer [u8]>,
    pub prefer: Option<&'buffer [u8]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Put,
    Other,
}

/// What follows the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    None,
    Sized(u64),
    /// Chunked, or held back until a 100 that never comes: only closing gets past it.
    Unmeasured,
}

/// Why a head is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Malformed,
    Version,
    TooManyHeaders,
}

/// Length of the first head in `buffer`, blank line included. Starts to look at `from`: what is before was looked at.
pub fn find_end(buffer: &[u8], from: usize) -> Option<usize> {
    // The end may have begun up to three bytes before.
    let start = from.saturating_sub(3);
    let mut lines =
        buffer.get(start..)?.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(place, _)| start.saturating_add(place));
    lines.find_map(|place| match buffer.get(place.saturating_add(1)..)? {
        [b'\n', ..] => Some(place.saturating_add(2)),
        [b'\r', b'\n', ..] => Some(place.saturating_add(3)),
        _ => None,
    })
}

/// Reads one whole head.
pub fn read(head: &[u8]) -> Result<Head<'_>, Refusal> {
    let mut headers = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut request = Request::new(&mut []);
    match request.parse_with_uninit_headers(head, &mut headers) {
        Ok(Status::Complete(length)) if length == head.len() => {}
        Err(httparse::Error::Version) => return Err(Refusal::Version),
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::TooManyHeaders),
        _ => return Err(Refusal::Malformed),
    }
    let old = request.version == Some(0);
    let fields = Fields::collect(request.headers, old)?;
    let method = match request.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some("PUT") => Method::Put,
        _ => Method::Other,
    };
    let target = request.path.map(origin_form).ok_or(Refusal::Malformed)?;
    Ok(Head { method, target, range: fields.range, delivery: fields.delivery, body: fields.body, keep_alive: fields.keep_alive, old })
}

/// Cuts `http://authority` off: a server has to take absolute targets (RFC 9112, 3.2.2).
fn origin_form(target: &str) -> &str {
    let Some((scheme, rest)) = target.split_once("://") else {
        return target;
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return target;
    }
    match rest.find(['/', '?']).and_then(|place| rest.get(place..)) {
        Some(path) => path,
        None => "/",
    }
}

struct Fields<'buffer> {
    range: Option<&'buffer [u8]>,
    delivery: Delivery<'buffer>,
    body: Body,
    keep_alive: bool,
}

impl<'buffer> Fields<'buffer> {
    fn collect(headers: &[httparse::Header<'buffer>], old: bool) -> Result<Self, Refusal> {
        let values =
            |name: &'static str| headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value);
        let hosts = values("host").count();
        if hosts > 1 || (hosts == 0 && !old) {
            return Err(Refusal::Malformed);
        }
        let says = |name, word: &str| {
            values(name)
                .flat_map(|value| value.split(|byte| *byte == b','))
                .any(|part| part.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
        };
        let only = |name| {
            let mut all = values(name);
            all.next().filter(|_| all.next().is_none())
        };
        let range = only("range").filter(|_| values("if-range").next().is_none());
        let delivery = Delivery {
            nonce: only("jackal-nonce"),
            proof: only("jackal-proof"),
            content_range: only("content-range"),
            prefer: only("prefer"),
        };
        let keep_alive = if old { says("connection", "keep-alive") } else { !says("connection", "close") };
        let held_back = values("expect").next().is_some();
        let body = match (content_length(values("content-length"))?, values("transfer-encoding").next()) {
            (Some(_), Some(_)) => return Err(Refusal::Malformed),
            (_, Some(_)) => Body::Unmeasured,
            (None | Some(0), None) => Body::None,
            (Some(_), None) if held_back => Body::Unmeasured,
            (Some(length), None) => Body::Sized(length),
        };
        Ok(Fields { range, delivery, body, keep_alive })
    }
}

/// The one length that all Content-Length headers agree on.
fn content_length<'buffer>(mut values: impl Iterator<Item = &'buffer [u8]>) -> Result<Option<u64>, Refusal> {
    let digits = |value: &[u8]| {
        let number = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        number.and_then(|text| text.parse::<u64>().ok()).ok_or(Refusal::Malformed)
    };
    let Some(first) = values.next() else {
        return Ok(None);
    };
    let length = digits(first)?;
    if values.any(|value| digits(value) != Ok(length)) { Err(Refusal::Malformed) } else { Ok(Some(length)) }
}
