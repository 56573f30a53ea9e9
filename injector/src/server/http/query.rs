//! Query strings.

/// The first value of `name`, percent-decoded. A plus sign stays one: media types hold plus signs, and no name here holds spaces.
pub fn value(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| decode(value))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = if *first == b'%' { behind.split_at_checked(2) } else { None };
        let byte = escaped.and_then(|(hex, left)| Some((hex_byte(hex)?, left)));
        let (byte, left) = byte.unwrap_or((*first, behind));
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digits = digits.iter().map(|digit| char::from(*digit).to_digit(16)).collect::<Option<Vec<u32>>>()?;
    digits.iter().try_fold(0u8, |value, digit| value.checked_mul(16)?.checked_add(u8::try_from(*digit).ok()?))
}
