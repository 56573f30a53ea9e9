//! The records of a pax header: `<length> <key>=<value>\n`. Only path and size matter here.

/// What a pax header says about the next file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Extension {
    pub path: Option<Vec<u8>>,
    pub size: Option<u64>,
    pending: bool,
}

impl Extension {
    /// Whether a pax header was read whose file has not come yet.
    pub fn is_pending(&self) -> bool {
        self.pending
    }

    pub fn read(mut records: &[u8]) -> Result<Extension, &'static str> {
        let mut extension = Extension { pending: true, ..Extension::default() };
        while !records.is_empty() {
            let (key, value, rest) = record(records).ok_or("a malformed pax record")?;
            records = rest;
            match key {
                b"path" => extension.path = Some(value.to_vec()),
                b"size" => extension.size = Some(decimal(value).filter(|size| *size <= i64::MAX as u64).ok_or("a malformed pax size")?),
                key if key.starts_with(b"GNU.sparse.") => return Err("a sparse file"),
                _ => {}
            }
        }
        Ok(extension)
    }
}

/// The first record's key and value, and what follows it.
fn record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = records.iter().take(20).position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(records.get(..space)?)?).ok()?;
    let (record, rest) = records.split_at_checked(length)?;
    let body = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    Some((body.get(..equals)?, body.get(equals + 1..)?, rest))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let step = |value: u64, digit: &u8| match digit {
        b'0'..=b'9' => value.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    };
    if digits.is_empty() { None } else { digits.iter().try_fold(0, step) }
}
