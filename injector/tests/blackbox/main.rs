//! Black box: the built binary, raw sockets, real files.
//! `INJECTOR_BINARY` names another binary to test, such as the one for another target.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod harness;

use harness::{client, deliverer, fixture, other, process, punctual, refusals, reserved};

mod arrival;
mod connecting;
mod copying;
mod courier;
mod delivery;
mod endings;
mod listening;
mod malformed;
mod memory;
mod paths;
mod pieces;
mod probing;
mod protocol;
mod ranges;
mod relaying;
mod restart;
