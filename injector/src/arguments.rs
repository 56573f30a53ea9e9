//! The command line, read by hand: two commands and five options need no parser from elsewhere.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::failure::{ExitCode, Failure};

const USAGE: &str = "injector serve --catalog FILE --chunks DIR --store DIR --listen ADDR:PORT [--stall SECONDS], or injector hold";
/// How long a client may take no byte, when nothing else is said.
const STALL: Duration = Duration::from_secs(120);

#[derive(Debug)]
pub enum Command {
    Serve(ServeOptions),
    Hold,
}

#[derive(Debug)]
pub struct ServeOptions {
    pub catalog: PathBuf,
    pub chunks: PathBuf,
    pub store: PathBuf,
    pub listen: SocketAddr,
    /// How long a client may take no byte before its answer is given up.
    pub stall: Duration,
}

fn usage(what: String) -> Failure {
    Failure::new(ExitCode::Usage, format!("{what}; the command line is: {USAGE}."))
}

impl Command {
    /// Reads the arguments behind the program's name. Fails with exit code `usage`.
    pub fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, Failure> {
        let command = arguments.next().ok_or_else(|| usage("No command was given".into()))?;
        match command.to_str() {
            Some("serve") => ServeOptions::parse(arguments).map(Command::Serve),
            Some("hold") => match arguments.next() {
                None => Ok(Command::Hold),
                Some(extra) => Err(usage(format!("The command hold takes no argument, but {} was given", extra.display()))),
            },
            _ => Err(usage(format!("The command {} is unknown", command.display()))),
        }
    }
}

impl ServeOptions {
    fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<ServeOptions, Failure> {
        let (mut catalog, mut chunks, mut store, mut listen, mut stall) = (None, None, None, None, None);
        while let Some(name) = arguments.next() {
            let slot = match name.to_str() {
                Some("--catalog") => &mut catalog,
                Some("--chunks") => &mut chunks,
                Some("--store") => &mut store,
                Some("--listen") => &mut listen,
                Some("--stall") => &mut stall,
                _ => return Err(usage(format!("The option {} is unknown to serve", name.display()))),
            };
            let value = arguments.next().ok_or_else(|| usage(format!("The option {} needs a value", name.display())))?;
            if slot.replace(value).is_some() {
                return Err(usage(format!("The option {} was given twice", name.display())));
            }
        }
        let required = |slot: Option<OsString>, name: &str| slot.ok_or_else(|| usage(format!("The option {name} is missing")));
        let address = required(listen, "--listen")?;
        Ok(ServeOptions {
            catalog: required(catalog, "--catalog")?.into(),
            chunks: required(chunks, "--chunks")?.into(),
            store: required(store, "--store")?.into(),
            // Only numbers, never names: resolving names would bring 24 kB of resolver into the binary.
            listen: address.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
                usage(format!("The option --listen takes an address and port such as 0.0.0.0:5000 or [::]:5000, not {}", address.display()))
            })?,
            stall: match stall {
                None => STALL,
                Some(seconds) => read_seconds(&seconds)?,
            },
        })
    }
}

/// Reads a time that is not nothing: as a socket's timeout, zero would stand for no timeout at all.
fn read_seconds(text: &OsStr) -> Result<Duration, Failure> {
    let seconds = text.to_str().and_then(|text| text.parse().ok()).filter(|seconds| *seconds > 0);
    let refused = || usage(format!("The option --stall takes whole seconds from 1 on, not {}", text.display()));
    seconds.map(Duration::from_secs).ok_or_else(refused)
}
