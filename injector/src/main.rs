//! Entry of the binary: which command, and what its end means to the kubelet.

use jackal_injector::commands::arguments::Command;
use jackal_injector::commands::{courier, hold, probe, relay, serve, version};
use jackal_injector::failure::{ExitCode, Failure};
use jackal_injector::log;

fn run() -> Result<(), Failure> {
    match Command::parse(std::env::args_os().skip(1))? {
        Command::Serve(options) => serve::run(options),
        Command::Deliver(options) => courier::run(&options),
        Command::Relay(options) => relay::run(&options),
        Command::Hold => hold::run(),
        Command::Probe(options) => probe::run(&options),
        Command::Version => version::run(),
    }
}

fn main() {
    // Nothing here is meant to panic. If something does, the last line still has to tell the action what happened.
    std::panic::set_hook(Box::new(|panic| log::fatal(&Failure::new(ExitCode::Internal, format!("The injector has a bug: {panic}.")))));
    if let Err(failure) = run() {
        log::fatal(&failure);
    }
}
