//! What clients wait for and what they got, told line by line to those who deliver.

use std::net::IpAddr;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Most lines of what was pulled that wait for a feed.
const BATCH: usize = 256;

/// One line of a feed. Contents are told by their place in the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Wanted(usize),
    Verified(usize),
    Wrong(usize),
    Pulled(usize, IpAddr),
}

/// There may be feeds before there is a catalog, so nothing here has a size of its own.
#[derive(Default)]
pub struct Demands {
    board: Mutex<Board>,
    news: Condvar,
}

#[derive(Default)]
struct Board {
    /// How many clients wait for each content.
    waiting: Vec<u32>,
    /// What was delivered or copied and is right. Readers learn of it only after those who deliver.
    verified: Vec<bool>,
    /// Which contents will not be copied from another registry, or not any more. None when nothing ever is.
    uncopied: Option<Vec<bool>>,
    pulled: Pulls,
    feeds: Vec<Listener>,
    next: u64,
}

/// What one feed has not been given yet.
struct Listener {
    key: u64,
    lines: Vec<Line>,
    /// Contents that are told as wanted and neither verified nor wrong since: it keeps the lines few.
    told: Vec<bool>,
    /// What it has been told of what was pulled.
    pulled: Pulls,
    /// The client that it was told of last.
    reached: Option<IpAddr>,
}

/// Which contents each client got, one bit each: a release's registry may go on for months, with millions of them.
#[derive(Default)]
struct Pulls {
    /// By address, so that one is found soon.
    clients: Vec<(IpAddr, Vec<u8>)>,
    count: usize,
}

impl Pulls {
    fn of(&mut self, client: IpAddr) -> Option<&mut Vec<u8>> {
        let index = self.clients.binary_search_by(|(known, _)| known.cmp(&client)).unwrap_or_else(|index| {
            self.clients.insert(index, (client, Vec::new()));
            index
        });
        self.clients.get_mut(index).map(|(_, places)| places)
    }

    /// Returns whether it is new.
    fn add(&mut self, place: usize, client: IpAddr) -> bool {
        let Some(byte) = self.of(client).and_then(|places| entry(places, place / 8)) else {
            return false;
        };
        let bit = 1 << (place % 8);
        let new = *byte & bit == 0;
        *byte |= bit;
        self.count = self.count.saturating_add(usize::from(new));
        new
    }
}

/// The entry of a content, made when it is the first time.
fn entry<T: Clone + Default>(all: &mut Vec<T>, place: usize) -> Option<&mut T> {
    if place >= all.len() {
        all.resize(place.saturating_add(1), T::default());
    }
    all.get_mut(place)
}

impl Board {
    fn is_verified(&self, place: usize) -> bool {
        self.verified.get(place).is_some_and(|verified| *verified)
    }

    /// Whether a content is being copied, or may still be: then nobody else is to bring it.
    fn is_copied(&self, place: usize) -> bool {
        self.uncopied.as_ref().is_some_and(|uncopied| !uncopied.get(place).is_some_and(|uncopied| *uncopied))
    }

    fn is_awaited(&self, place: usize) -> bool {
        self.waiting.get(place).is_some_and(|waiting| *waiting > 0)
    }
}

impl Listener {
    fn want(&mut self, place: usize) {
        if let Some(told) = entry(&mut self.told, place).filter(|told| !**told) {
            *told = true;
            self.lines.push(Line::Wanted(place));
        }
    }

    fn settle(&mut self, place: usize, line: Line) {
        if let Some(told) = self.told.get_mut(place) {
            *told = false;
        }
        self.lines.push(line);
    }

    fn pulled(&mut self, place: usize, client: IpAddr) {
        if self.pulled.add(place, client) {
            self.lines.push(Line::Pulled(place, client));
        }
    }

    /// Takes over some of what was pulled and it has not been told, from where it was the last time.
    fn catch_up(&mut self, all: &Pulls) {
        let start = all.clients.partition_point(|(client, _)| Some(*client) < self.reached);
        for (client, got) in all.clients.iter().cycle().skip(start).take(all.clients.len()) {
            self.reached = Some(*client);
            for (index, byte) in got.iter().enumerate() {
                for bit in (0..8).filter(|bit| byte >> bit & 1 == 1) {
                    if self.lines.len() >= BATCH || self.pulled.count == all.count {
                        return;
                    }
                    self.pulled(index.saturating_mul(8).saturating_add(bit), *client);
                }
            }
        }
    }
}

impl Demands {
    /// With `copies`, nothing is demanded before [`Demands::give_up_copy`] says that it will not be copied.
    pub fn new(copies: bool) -> Demands {
        let board = Board { uncopied: copies.then(Vec::new), ..Board::default() };
        Demands { board: Mutex::new(board), news: Condvar::new() }
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a client as waiting for a content until the returned value is dropped. `is_verified` says whether it waits for nothing.
    pub fn demand(&self, place: usize, is_verified: impl Fn() -> bool) -> Demand<'_> {
        let mut board = self.board();
        if let Some(waiting) = entry(&mut board.waiting, place) {
            *waiting = waiting.saturating_add(1);
        }
        if !board.is_copied(place) && !board.is_verified(place) && !is_verified() {
            board.feeds.iter_mut().for_each(|feed| feed.want(place));
            self.news.notify_all();
        }
        Demand { demands: self, place }
    }

    /// Says that a content was delivered or copied and is right.
    pub fn verified(&self, place: usize) {
        let mut board = self.board();
        if let Some(verified) = entry(&mut board.verified, place) {
            *verified = true;
        }
        board.feeds.iter_mut().for_each(|feed| feed.settle(place, Line::Verified(place)));
        self.news.notify_all();
    }

    /// Says that what was delivered was not the content. Another may have brought it right by now; then nothing is said.
    pub fn wrong(&self, place: usize) {
        let mut board = self.board();
        if board.is_verified(place) {
            return;
        }
        let awaited = board.is_awaited(place);
        for feed in &mut board.feeds {
            feed.settle(place, Line::Wrong(place));
            if awaited {
                feed.want(place);
            }
        }
        self.news.notify_all();
    }

    /// Says that a content will not be copied, or not any more: from now on it is demanded as others are. `is_verified` says whether it has
    /// come otherwise.
    pub fn give_up_copy(&self, place: usize, is_verified: impl Fn() -> bool) {
        let mut board = self.board();
        if let Some(uncopied) = board.uncopied.as_mut().and_then(|uncopied| entry(uncopied, place)) {
            *uncopied = true;
        }
        if board.is_awaited(place) && !board.is_verified(place) && !is_verified() {
            board.feeds.iter_mut().for_each(|feed| feed.want(place));
            self.news.notify_all();
        }
    }

    /// Whether those who deliver have been told that a content is right, and so count on it. Readers may learn of it a moment later.
    pub fn is_verified(&self, place: usize) -> bool {
        self.board().is_verified(place)
    }

    /// Whether a content that is not verified is being copied, or may still be.
    pub fn is_copied(&self, place: usize) -> bool {
        self.board().is_copied(place)
    }

    /// Which of these contents is the first that a client waits for, by its position among them.
    pub fn first_awaited(&self, places: &mut dyn Iterator<Item = usize>) -> Option<usize> {
        let board = self.board();
        places.enumerate().find(|(_, place)| board.is_awaited(*place)).map(|(index, _)| index)
    }

    /// Says that a client got a content for the first time.
    pub fn pulled(&self, place: usize, client: IpAddr) {
        let mut board = self.board();
        let before = board.pulled.count;
        if board.pulled.add(place, client) {
            // One that is behind finds it when it comes there.
            let current = board.feeds.iter_mut().filter(|feed| feed.pulled.count == before && feed.lines.len() < BATCH);
            current.for_each(|feed| feed.pulled(place, client));
            self.news.notify_all();
        }
    }

    /// Starts a feed: with what is awaited right now, and with all that was pulled before.
    pub fn feed(&self, is_verified: impl Fn(usize) -> bool) -> Feed<'_> {
        let mut board = self.board();
        let key = board.next;
        board.next = key.wrapping_add(1);
        let mut listener = Listener { key, lines: Vec::new(), told: Vec::new(), pulled: Pulls::default(), reached: None };
        let waiting = board.waiting.iter().enumerate().filter(|(_, waiting)| **waiting > 0);
        let missing = waiting.filter(|(place, _)| !board.is_verified(*place) && !is_verified(*place));
        let awaited = missing.filter(|(place, _)| !board.is_copied(*place));
        awaited.for_each(|(place, _)| listener.want(place));
        board.feeds.push(listener);
        Feed { demands: self, key }
    }
}

/// A client that waits for a content.
pub struct Demand<'run> {
    demands: &'run Demands,
    place: usize,
}

impl Drop for Demand<'_> {
    fn drop(&mut self) {
        if let Some(waiting) = self.demands.board().waiting.get_mut(self.place) {
            *waiting = waiting.saturating_sub(1);
        }
    }
}

/// The lines for one who delivers.
pub struct Feed<'run> {
    demands: &'run Demands,
    key: u64,
}

impl Feed<'_> {
    /// The next lines, some at a time, waiting for the first up to `patience`. Empty when none came.
    pub fn next(&self, patience: Duration) -> Vec<Line> {
        let board = self.demands.board();
        let own = |board: &Board| board.feeds.iter().position(|feed| feed.key == self.key);
        let silent = |board: &mut Board| {
            let feed = own(board).and_then(|place| board.feeds.get(place));
            feed.is_some_and(|feed| feed.lines.is_empty() && feed.pulled.count == board.pulled.count)
        };
        let (mut board, _) = self.demands.news.wait_timeout_while(board, patience, silent).unwrap_or_else(PoisonError::into_inner);
        let Board { feeds, pulled, .. } = &mut *board;
        let Some(feed) = feeds.iter_mut().find(|feed| feed.key == self.key) else {
            return Vec::new();
        };
        if feed.lines.is_empty() {
            feed.catch_up(pulled);
        }
        std::mem::take(&mut feed.lines)
    }
}

impl Drop for Feed<'_> {
    fn drop(&mut self) {
        self.demands.board().feeds.retain(|feed| feed.key != self.key);
    }
}
