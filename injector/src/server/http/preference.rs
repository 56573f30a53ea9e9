//! The Prefer header (RFC 7240), of which only `wait` is heeded: how many seconds an answer may take.

/// Seconds of the first `wait` in a Prefer header; None when there is none that can be understood. Preferences are no demands, so
/// nothing here is an error.
pub fn wait(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    let preferences = text.split(',').map(|preference| preference.split(';').next().unwrap_or_default());
    let mut pairs = preferences.filter_map(|preference| preference.split_once('='));
    let (_, seconds) = pairs.find(|(name, _)| name.trim_ascii().eq_ignore_ascii_case("wait"))?;
    let seconds = seconds.trim_ascii();
    let digits = seconds.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(seconds);
    // A number beyond what counts in seconds is as good as the largest.
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().unwrap_or(u64::MAX))
}
