//! Entry of the binary: which command, and what its end means to the kubelet.

use jackal_injector::arguments::Command;
use jackal_injector::failure::Failure;
use jackal_injector::{hold, log, serve};

fn run() -> Result<(), Failure> {
    match Command::parse(std::env::args_os().skip(1))? {
        Command::Serve(options) => serve::run(&options),
        Command::Hold => hold::run(),
    }
}

fn main() {
    if let Err(failure) = run() {
        log::fatal(&failure);
    }
}
