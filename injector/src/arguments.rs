//! The command line, read by hand: two commands and four options need no parser from elsewhere.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::failure::{ExitCode, Failure};

const USAGE: &str = "injector serve --catalog FILE --chunks DIR --store DIR --listen ADDR:PORT, or injector hold";

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
        let (mut catalog, mut chunks, mut store, mut listen) = (None, None, None, None);
        while let Some(name) = arguments.next() {
            let slot = match name.to_str() {
                Some("--catalog") => &mut catalog,
                Some("--chunks") => &mut chunks,
                Some("--store") => &mut store,
                Some("--listen") => &mut listen,
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
        })
    }
}
