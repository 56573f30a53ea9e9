//! A client's connection and the one to the registry that is its own.
//!
//! Bytes are kept by no one but the kernel: they are looked at, sent on, and only what was taken is taken out. So a side that takes
//! nothing fills the other side's window and costs no memory here, however many connections there are.

use std::io::{self, ErrorKind, Write};
use std::net::{Shutdown, TcpStream};

use crate::system::{self, Event};

/// How often a direction may fill the buffer before other connections have their turn.
const ROUNDS: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Client,
    Registry,
}

/// How far a pair has come.
#[derive(PartialEq, Eq)]
pub enum Turn {
    /// It has to hear of one of its sockets to go on.
    Waits,
    /// It could go on, but it is the others' turn.
    Unfinished,
    /// Both directions have come to their end.
    Ended,
}

pub struct Pair {
    client: TcpStream,
    registry: TcpStream,
    connected: bool,
    up: Direction,
    down: Direction,
}

#[derive(Default)]
struct Direction {
    /// All bytes were passed on, and then the end.
    ended: bool,
    /// The side that it leads to took less than it was given, and has not said since that it takes more.
    full: bool,
}

impl Pair {
    /// Of a client and a connection to the registry that is being made.
    pub fn new(client: TcpStream, registry: TcpStream) -> Pair {
        Pair { client, registry, connected: false, up: Direction::default(), down: Direction::default() }
    }

    pub fn socket(&self, side: Side) -> &TcpStream {
        match side {
            Side::Client => &self.client,
            Side::Registry => &self.registry,
        }
    }

    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// Passes on what there is, after something happened to a socket. An error of either side is the end of both.
    pub fn hear(&mut self, side: Side, event: Event, buffer: &mut [u8], passed: &mut u64) -> io::Result<Turn> {
        if event.failed {
            return Err(self.socket(side).take_error()?.unwrap_or_else(|| ErrorKind::ConnectionReset.into()));
        }
        match side {
            Side::Client => self.down.full &= !event.writable,
            Side::Registry => {
                self.connected |= event.writable;
                self.up.full &= !event.writable;
            }
        }
        if !self.connected {
            return Ok(Turn::Waits);
        }
        let up = self.up.pass(&self.client, &self.registry, buffer, passed)?;
        let down = self.down.pass(&self.registry, &self.client, buffer, passed)?;
        Ok(match (up, down) {
            (Turn::Ended, Turn::Ended) => Turn::Ended,
            (Turn::Unfinished, _) | (_, Turn::Unfinished) => Turn::Unfinished,
            _ => Turn::Waits,
        })
    }

    /// Tells both sides that the connection did not come to its proper end.
    pub fn reset(self) {
        system::reset(self.client);
        system::reset(self.registry);
    }
}

impl Direction {
    /// Passes on until there is nothing more or nothing more is taken.
    fn pass(&mut self, from: &TcpStream, mut to: &TcpStream, buffer: &mut [u8], passed: &mut u64) -> io::Result<Turn> {
        if self.ended {
            return Ok(Turn::Ended);
        }
        for _ in 0..ROUNDS {
            if self.full {
                return Ok(Turn::Waits);
            }
            let Some(there) = unless_it_blocks(from.peek(buffer))? else {
                return Ok(Turn::Waits);
            };
            if there == 0 {
                to.shutdown(Shutdown::Write)?;
                self.ended = true;
                return Ok(Turn::Ended);
            }
            let taken = unless_it_blocks(to.write(buffer.get(..there).unwrap_or_default()))?.unwrap_or(0);
            self.full = taken < there;
            *passed += taken as u64;
            // Only urgent bytes, which no client of a registry sends, could make a difference.
            if taken > 0 && system::discard(from, buffer.get_mut(..taken).unwrap_or_default())? != taken {
                return Err(ErrorKind::InvalidData.into());
            }
        }
        Ok(Turn::Unfinished)
    }
}

/// None when a call would have to wait. As it does not, no signal interrupts it.
fn unless_it_blocks(outcome: io::Result<usize>) -> io::Result<Option<usize>> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        outcome => outcome.map(Some),
    }
}
