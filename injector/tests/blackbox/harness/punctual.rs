//! Rounds that keep to a clock of the server's, on a machine that may keep a process from going on.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

/// How long the first request of a connection may take to come.
pub const FIRST: Duration = Duration::from_secs(10);
/// How long a connection to the delivery port may prove nothing.
pub const UNPROVEN: Duration = Duration::from_secs(10);
/// How long answers may take after SIGTERM.
pub const DRAIN: Duration = Duration::from_millis(1500);

/// The longest time between two steps of a round.
pub struct Steps {
    last: Cell<Instant>,
    longest: Cell<Duration>,
}

impl Steps {
    /// From now on steps are to follow each other.
    pub fn begin(&self) {
        self.last.set(Instant::now());
    }

    pub fn step(&self) {
        self.longest.set(self.longest.get().max(self.last.get().elapsed()));
        self.begin();
    }
}

/// Runs a round whose steps have to follow each other within `most`. One that fails is run again, up to five times, only when they did
/// not, for then the server was right; any other failure counts.
pub fn punctually(most: Duration, round: impl Fn(&Steps)) {
    for left in (0..5).rev() {
        let steps = Steps { last: Cell::new(Instant::now()), longest: Cell::new(Duration::ZERO) };
        let Err(failure) = catch_unwind(AssertUnwindSafe(|| round(&steps))) else { return };
        steps.step();
        if left == 0 || steps.longest.get() < most {
            resume_unwind(failure);
        }
    }
}
