//! What ends the process: a named exit code and one full sentence.

/// Exit codes of the binary. The action reads the number from the container status and the name from the last log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// A bug, or the machine refused something basic (a thread, a signal mask).
    Internal = 1,
    Usage = 2,
    Catalog = 10,
    ChunkUnreadable = 11,
    ChunkWrong = 12,
    ParcelRefused = 13,
    BlobWrong = 14,
    StoreUnwritable = 15,
    ListenFailed = 16,
    NotReady = 17,
    NotDelivered = 18,
    Plan = 19,
    AddressInUse = 20,
    NotReached = 21,
}

impl ExitCode {
    pub fn name(self) -> &'static str {
        match self {
            ExitCode::Internal => "internal",
            ExitCode::Usage => "usage",
            ExitCode::Catalog => "catalog",
            ExitCode::ChunkUnreadable => "chunk-unreadable",
            ExitCode::ChunkWrong => "chunk-wrong",
            ExitCode::ParcelRefused => "parcel-refused",
            ExitCode::BlobWrong => "blob-wrong",
            ExitCode::StoreUnwritable => "store-unwritable",
            ExitCode::ListenFailed => "listen-failed",
            ExitCode::NotReady => "not-ready",
            ExitCode::NotDelivered => "not-delivered",
            ExitCode::Plan => "plan",
            ExitCode::AddressInUse => "address-in-use",
            ExitCode::NotReached => "not-reached",
        }
    }
}

/// A reason to end, told in one sentence that says what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: ExitCode,
    pub sentence: String,
}

impl Failure {
    pub fn new(code: ExitCode, sentence: impl Into<String>) -> Failure {
        Failure { code, sentence: sentence.into() }
    }
}
