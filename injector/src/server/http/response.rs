//! Answers: a status, a few headers, and a body that is either at hand or in the store.

use std::borrow::Cow;
use std::fmt::Write;

/// An answer, ready to be written.
#[derive(Debug)]
pub struct Answer {
    pub status: Status,
    pub content_type: Cow<'static, str>,
    /// Further header lines, each ended by CRLF.
    pub headers: String,
    pub body: Body,
    pub close: bool,
}

#[derive(Debug)]
pub enum Body {
    Bytes(Cow<'static, str>),
    /// Bytes `start..end` of a content of the catalog, and what the log calls it: a `manifest` or `blob` of a repository.
    Content {
        place: usize,
        start: u64,
        end: u64,
        kind: &'static str,
        repository: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ok = 200,
    Created = 201,
    NoContent = 204,
    PartialContent = 206,
    BadRequest = 400,
    Forbidden = 403,
    NotFound = 404,
    MethodNotAllowed = 405,
    RequestTimeout = 408,
    Conflict = 409,
    ContentTooLarge = 413,
    RangeNotSatisfiable = 416,
    UnprocessableContent = 422,
    HeadTooLarge = 431,
    Unavailable = 503,
    VersionNotSupported = 505,
}

impl Status {
    pub fn reason(self) -> &'static str {
        match self {
            Status::Ok => "OK",
            Status::Created => "Created",
            Status::NoContent => "No Content",
            Status::PartialContent => "Partial Content",
            Status::BadRequest => "Bad Request",
            Status::Forbidden => "Forbidden",
            Status::NotFound => "Not Found",
            Status::MethodNotAllowed => "Method Not Allowed",
            Status::RequestTimeout => "Request Timeout",
            Status::Conflict => "Conflict",
            Status::ContentTooLarge => "Content Too Large",
            Status::RangeNotSatisfiable => "Range Not Satisfiable",
            Status::UnprocessableContent => "Unprocessable Content",
            Status::HeadTooLarge => "Request Header Fields Too Large",
            Status::Unavailable => "Service Unavailable",
            Status::VersionNotSupported => "HTTP Version Not Supported",
        }
    }
}

impl Body {
    /// Bytes of the body.
    pub fn length(&self) -> u64 {
        match self {
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::Content { start, end, .. } => end.saturating_sub(*start),
        }
    }
}

impl Answer {
    /// An answer with a JSON body.
    pub fn json(status: Status, body: impl Into<Cow<'static, str>>) -> Answer {
        Answer { status, content_type: "application/json".into(), headers: String::new(), body: Body::Bytes(body.into()), close: false }
    }

    /// An answer with one line of plain text.
    pub fn text(status: Status, line: &'static str) -> Answer {
        Answer { content_type: "text/plain; charset=utf-8".into(), ..Answer::json(status, line) }
    }

    /// An OCI error body. Codes are those of the distribution specification; the message holds nothing that the client sent.
    pub fn error(status: Status, code: &str, message: &str) -> Answer {
        Answer::json(status, format!("{{\"errors\":[{{\"code\":\"{code}\",\"message\":\"{message}\"}}]}}"))
    }

    pub fn header(mut self, name: &str, value: impl std::fmt::Display) -> Answer {
        // Writing into a string does not fail.
        let _ = write!(self.headers, "{name}: {value}\r\n");
        self
    }

    pub fn closing(self) -> Answer {
        Answer { close: true, ..self }
    }

    /// Appends the head. GET and HEAD get the same one.
    pub fn write_head(&self, out: &mut Vec<u8>, keep_alive_said: bool) {
        let connection = match (self.close, keep_alive_said) {
            (true, _) => "Connection: close\r\n",
            (false, true) => "Connection: keep-alive\r\n",
            (false, false) => "",
        };
        let head = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}{connection}\r\n",
            self.status as u16,
            self.status.reason(),
            self.content_type,
            self.body.length(),
            self.headers,
        );
        out.extend_from_slice(head.as_bytes());
    }
}
