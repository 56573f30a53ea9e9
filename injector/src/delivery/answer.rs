//! What the delivery port answers.

use crate::server::http::head::Refusal;
use crate::server::http::response::Status;

/// A status, header lines, each ended by CRLF, and a body, which most do not have.
pub struct Answer {
    pub status: Status,
    pub headers: String,
    pub body: String,
    pub close: bool,
}

impl Answer {
    pub fn new(status: Status) -> Answer {
        Answer { status, headers: String::new(), body: String::new(), close: false }
    }

    pub fn closing(status: Status) -> Answer {
        Answer { close: true, ..Answer::new(status) }
    }

    /// What a PUT is answered: how many bytes are here now.
    pub fn at(status: Status, offset: u64) -> Answer {
        Answer { headers: format!("Jackal-Offset: {offset}\r\n"), ..Answer::new(status) }
    }

    /// What a head that cannot be read is answered; the connection ends then.
    pub fn refusal(refusal: Refusal) -> Answer {
        Answer::closing(match refusal {
            Refusal::Malformed => Status::BadRequest,
            Refusal::Version => Status::VersionNotSupported,
            Refusal::TooManyHeaders => Status::HeadTooLarge,
        })
    }

    pub fn text(&self) -> String {
        let Answer { status, headers, body, close } = self;
        // An answer 204 has no length (RFC 9110, 8.6).
        let length = if *status == Status::NoContent { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let connection = if *close { "Connection: close\r\n" } else { "" };
        format!("HTTP/1.1 {} {}\r\n{length}{headers}{connection}\r\n{body}", *status as u16, status.reason())
    }
}
