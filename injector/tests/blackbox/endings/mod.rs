//! How the process ends: exit codes with their sentence, SIGTERM, and the commands that serve nothing.

mod commands;
mod draining;
mod failures;

use crate::process::Injector;

/// Waits for the end and checks the code, its name, and that the last line's sentence holds these parts.
pub fn fails(injector: Injector, code: i32, name: &str, parts: &[&str]) {
    let (status, lines) = injector.end();
    let last = lines.last().expect("a fatal line");
    let message = last.strip_prefix(&format!("jackal fatal code={name} exit={code} message=")).unwrap_or_else(|| panic!("{last}"));
    assert_eq!(status.code(), Some(code), "{last}");
    assert!(message.ends_with('.') && message.starts_with(char::is_uppercase), "a sentence: {message}");
    for part in parts {
        assert!(message.contains(part), "{part} is not in {message}");
    }
}
