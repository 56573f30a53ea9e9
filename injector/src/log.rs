//! One event, one line on stdout: `jackal <event> key=value …`. The README lists every event.

use std::fmt::Arguments;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::failure::Failure;

/// Held while a line is written, and for ever by the last line, so that nothing can follow it.
static LINE: Mutex<()> = Mutex::new(());

fn write_line(text: String) -> MutexGuard<'static, ()> {
    let guard = LINE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut out = std::io::stdout().lock();
    // A reader of the log that went away is no reason to stop serving.
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
    guard
}

/// Writes `jackal <details>` as one line.
pub fn event(details: Arguments) {
    drop(write_line(format!("jackal {details}\n")));
}

/// Writes `jackal <details>` as the last line and ends the process well: the intake may only now come to its end, and what it
/// has to say no longer counts.
pub fn last(details: Arguments) -> ! {
    let _never_released = write_line(format!("jackal {details}\n"));
    std::process::exit(0)
}

/// Writes the last line and ends the process with the failure's exit code. The kubelet hands this line to the action as the
/// termination message, so no other thread may write after it.
pub fn fatal(failure: &Failure) -> ! {
    let code = failure.code;
    let sentence: String = failure.sentence.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    let _never_released = write_line(format!("jackal fatal code={} exit={} message={sentence}\n", code.name(), code as u8));
    std::process::exit(i32::from(code as u8))
}

/// Ends the process by [`fatal`] when the outcome is a failure, such as that of a store that cannot take more: nothing else can help.
pub fn must<T>(outcome: Result<T, Failure>) -> T {
    outcome.unwrap_or_else(|failure| fatal(&failure))
}
