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

/// Contents, each by its place in the catalog. The last one of a list comes first.
pub struct Queue {
    unknown: Vec<usize>,
    found: Vec<usize>,
    /// Questions that are not answered.
    asked: usize,
    /// All that was found. None when it has been told.
    there: Option<Tally>,
    pub copied: Tally,
}

impl Queue {
    /// Nothing is known of any of these.
    pub fn new(unknown: Vec<usize>) -> Queue {
        Queue { unknown, found: Vec::new(), asked: 0, there: Some(Tally::default()), copied: Tally::default() }
    }

    /// What is to be done next: what `first_awaited` finds is waited for, else questions, else copies. None when nothing is left.
    pub fn next(&mut self, first_awaited: impl Fn(&[usize]) -> Option<usize>) -> Option<(Step, usize)> {
        if let Some(index) = first_awaited(&self.found) {
            return Some((Step::Copy, self.found.remove(index)));
        }
        let question = match first_awaited(&self.unknown) {
            Some(index) => Some(self.unknown.remove(index)),
            None => self.unknown.pop(),
        };
        match question {
            Some(place) => {
                self.asked = self.asked.saturating_add(1);
                Some((Step::LookUp, place))
            }
            None => self.found.pop().map(|place| (Step::Copy, place)),
        }
    }

    /// Notes the answer to a question: a content that is there and its size, or that it is not. Returns once, when no question is left, how
    /// much is there.
    pub fn settle(&mut self, found: Option<(usize, u64)>) -> Option<Tally> {
        self.asked = self.asked.saturating_sub(1);
        if let Some((place, size)) = found {
            self.found.push(place);
            if let Some(there) = &mut self.there {
                there.count(size);
            }
        }
        if self.unknown.is_empty() && self.asked == 0 { self.there.take() } else { None }
    }

    /// Takes out all that is left.
    pub fn drain(&mut self) -> Vec<usize> {
        self.unknown.append(&mut self.found);
        std::mem::take(&mut self.unknown)
    }
}
