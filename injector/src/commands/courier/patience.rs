//! How often a courier tries, and for how long.

use std::time::{Duration, Instant};

use crate::failure::ExitCode;

/// How long nothing may be taken before the courier gives up.
const PATIENCE: Duration = Duration::from_secs(60);
/// The same as long as it has never met the registry, which runs before couriers are made: twice what a kubelet waits at first before
/// it starts a container again (10 s). What a network policy drops is never answered, and nothing is sent instead until that is said.
const FIRST_PATIENCE: Duration = Duration::from_secs(20);
/// The pauses between attempts: each twice as long as the one before, from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub struct Patience {
    since: Instant,
    pause: Duration,
    met: bool,
}

impl Patience {
    /// Begins at `now`, with a registry that has not been met.
    pub fn new(now: Instant) -> Patience {
        Patience { since: now, pause: FIRST_PAUSE, met: false }
    }

    /// The registry has proven that it is there.
    pub fn meet(&mut self) {
        self.met = true;
    }

    /// Begins anew, since something was taken, or is to be taken next.
    pub fn renew(&mut self, now: Instant) {
        (self.since, self.pause) = (now, FIRST_PAUSE);
    }

    /// How long nothing may be taken.
    pub fn limit(&self) -> Duration {
        if self.met { PATIENCE } else { FIRST_PATIENCE }
    }

    /// What it comes to when nothing was taken for that long.
    pub fn end(&self) -> ExitCode {
        if self.met { ExitCode::NotDelivered } else { ExitCode::NotReached }
    }

    /// The pause before the next attempt; None when that would come too late.
    pub fn pause(&mut self, now: Instant) -> Option<Duration> {
        let pause = self.pause;
        self.pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        (now.saturating_duration_since(self.since).saturating_add(pause) < self.limit()).then_some(pause)
    }
}
