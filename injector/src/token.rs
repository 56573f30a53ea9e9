//! The secret that those who deliver share with the registry. It never travels: each side proves that it knows it by an HMAC over what
//! both sides have drawn at random, and a catalog is bound to its connection by another one.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::digest::Digest;
use crate::failure::{ExitCode, Failure};
use crate::{hex, system};

/// Fewest and most bytes of a token.
const LENGTHS: std::ops::RangeInclusive<usize> = 32..=256;

/// What one side draws at random for one connection.
pub type Nonce = [u8; 32];
/// HMAC-SHA256, keyed by the token.
pub type Proof = [u8; 32];

/// What is proven. The proofs of a connection differ by this, so that none can be sent in the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// Who serves knows the token.
    Serve,
    /// Who delivers knows the token.
    Deliver,
    /// The catalog of this digest comes from who delivers: what stands between the two may pass on the other proofs.
    Catalog(Digest),
}

pub struct Token(Vec<u8>);

impl Token {
    /// Reads a token's file: 32 to 256 visible ASCII bytes; a newline at the end does not count. Fails with exit code `usage`.
    pub fn read(path: &Path) -> Result<Token, Failure> {
        let refused = |reason| Failure::new(ExitCode::Usage, format!("The token {} {reason}.", path.display()));
        let mut bytes = Vec::new();
        // Two bytes more than a token may have: a newline, and one that shows that it is too long.
        let most = LENGTHS.end().saturating_add(2) as u64;
        let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
        read.map_err(|error| refused(format!("cannot be read: {error}")))?;
        Token::new(bytes.strip_suffix(b"\n").unwrap_or(&bytes)).ok_or_else(|| refused("is not 32 to 256 visible ASCII bytes".to_string()))
    }

    pub fn new(bytes: &[u8]) -> Option<Token> {
        let sound = LENGTHS.contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
        sound.then(|| Token(bytes.to_vec()))
    }

    fn keyed(&self, matter: Matter, client: &Nonce, server: &Nonce) -> Option<Hmac<Sha256>> {
        let matter = match matter {
            Matter::Serve => "serve".to_string(),
            Matter::Deliver => "deliver".to_string(),
            Matter::Catalog(digest) => format!("catalog {digest}"),
        };
        // HMAC takes keys of any length.
        let mut hmac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        hmac.update(format!("jackal {matter} {} {}", hex::encode(client), hex::encode(server)).as_bytes());
        Some(hmac)
    }

    /// What is said to prove that.
    pub fn prove(&self, matter: Matter, client: &Nonce, server: &Nonce) -> Proof {
        self.keyed(matter, client, server).map_or([0; 32], |hmac| hmac.finalize().into_bytes().into())
    }

    /// Whether a proof of that is right. It takes the same time wherever the first difference is.
    pub fn is_proven(&self, matter: Matter, client: &Nonce, server: &Nonce, proof: &Proof) -> bool {
        self.keyed(matter, client, server).is_some_and(|hmac| hmac.verify_slice(proof).is_ok())
    }
}

/// Draws a nonce. Fails with exit code `internal`.
pub fn nonce() -> Result<Nonce, Failure> {
    system::random().map_err(|error| Failure::new(ExitCode::Internal, format!("The kernel gives no random bytes: {error}.")))
}
