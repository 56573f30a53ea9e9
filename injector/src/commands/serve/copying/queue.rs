//! What is to be looked for and what is to be copied.

/// What is to be done with a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To ask whether it is there.
    LookUp,
    Copy,
}

/// How many contents, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub contents: usize,
    pub bytes: u64,
}

impl Tally {
    pub fn count(&mut self, size: u64) {
        self.contents = self.contents.saturating_add(1);
        self.bytes = self.bytes.saturating_add(size);
    }
}

/// A content. Manifests come first, then small blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    pub blob: bool,
    pub size: u64,
    /// Its place in the catalog.
    pub place: usize,
}

/// Both lists are sorted, the last one comes first.
pub struct Queue {
    unknown: Vec<Candidate>,
    found: Vec<Candidate>,
    /// Questions that are not answered.
    asked: usize,
    /// All that was found. None when it has been told.
    there: Option<Tally>,
    pub copied: Tally,
}

impl Queue {
    /// Nothing is known of any of these.
    pub fn new(mut unknown: Vec<Candidate>) -> Queue {
        unknown.sort_unstable_by(|left, right| right.cmp(left));
        Queue { unknown, found: Vec::new(), asked: 0, there: Some(Tally::default()), copied: Tally::default() }
    }

    /// What is to be done next: what clients wait for, else questions, else copies. None when nothing is left. `first_awaited` says which of
    /// many places, counted from 0, is the first that a client waits for.
    pub fn next(&mut self, first_awaited: impl Fn(&mut dyn Iterator<Item = usize>) -> Option<usize>) -> Option<(Step, Candidate)> {
        let awaited = |list: &mut Vec<Candidate>| {
            let back = first_awaited(&mut list.iter().rev().map(|candidate| candidate.place))?;
            Some(list.remove(list.len().checked_sub(back.saturating_add(1))?))
        };
        if let Some(candidate) = awaited(&mut self.found) {
            return Some((Step::Copy, candidate));
        }
        if let Some(candidate) = awaited(&mut self.unknown).or_else(|| self.unknown.pop()) {
            self.asked = self.asked.saturating_add(1);
            return Some((Step::LookUp, candidate));
        }
        self.found.pop().map(|candidate| (Step::Copy, candidate))
    }

    /// Notes the answer to a question: a content that is there, or that it is not. Returns once, when no question is left, how much is there.
    pub fn settle(&mut self, found: Option<Candidate>) -> Option<Tally> {
        self.asked = self.asked.saturating_sub(1);
        if let Some(candidate) = found {
            self.found.insert(self.found.partition_point(|other| *other > candidate), candidate);
            if let Some(there) = &mut self.there {
                there.count(candidate.size);
            }
        }
        if self.unknown.is_empty() && self.asked == 0 { self.there.take() } else { None }
    }

    /// Takes out all that is left.
    pub fn drain(&mut self) -> Vec<Candidate> {
        self.unknown.append(&mut self.found);
        std::mem::take(&mut self.unknown)
    }
}
