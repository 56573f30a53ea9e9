//! The command line, read by hand: five commands and thirteen options need no parser from elsewhere.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::failure::{ExitCode, Failure};
use crate::server::listen::Listen;

const USAGE: &str = "injector serve [--catalog FILE --chunks DIR] --store DIR [--durable] --listen [ADDR:]PORT [--deliver [ADDR:]PORT --token FILE] \
    [--from ADDR:PORT] [--stall SECONDS], \
    or injector deliver --plan FILE --chunks DIR --to ADDR:PORT --token FILE, \
    or injector relay --to ADDR:PORT --listen ADDR:PORT [--listen ADDR:PORT ...], or injector hold, or injector probe [--connect ADDR:PORT --path PATH], \
    or injector --version";
/// How long a client may take no byte, when nothing else is said.
const STALL: Duration = Duration::from_secs(120);

#[derive(Debug)]
pub enum Command {
    Serve(ServeOptions),
    Deliver(DeliverOptions),
    Relay(RelayOptions),
    Hold,
    /// Without a target, the answer is yes.
    Probe(Option<ProbeOptions>),
    Version,
}

#[derive(Debug)]
pub struct ServeOptions {
    /// None when the catalog is delivered.
    pub mount: Option<Mount>,
    pub store: PathBuf,
    /// Whether the store is to outlive the machine that writes it.
    pub durable: bool,
    pub listen: Listen,
    pub delivery: Option<DeliveryOptions>,
    /// The registry that this one replaces, from which contents are copied.
    pub from: Option<SocketAddr>,
    /// How long a client may take no byte before its answer is given up.
    pub stall: Duration,
}

/// The catalog, and where the chunks that it lists are.
#[derive(Debug)]
pub struct Mount {
    pub catalog: PathBuf,
    pub chunks: PathBuf,
}

/// Where contents may be delivered, and who may do so.
#[derive(Debug)]
pub struct DeliveryOptions {
    pub listen: Listen,
    pub token: PathBuf,
}

#[derive(Debug)]
pub struct DeliverOptions {
    pub plan: PathBuf,
    pub chunks: PathBuf,
    pub to: SocketAddr,
    pub token: PathBuf,
}

#[derive(Debug)]
pub struct RelayOptions {
    pub to: SocketAddr,
    /// At least one.
    pub listen: Vec<SocketAddr>,
}

#[derive(Debug)]
pub struct ProbeOptions {
    pub connect: SocketAddr,
    /// What is asked for: begins with a slash and needs no escape in a request line.
    pub path: String,
}

fn usage(what: String) -> Failure {
    Failure::new(ExitCode::Usage, format!("{what}; the command line is: {USAGE}."))
}

impl Command {
    /// Reads the arguments behind the program's name. Fails with exit code `usage`.
    pub fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Command, Failure> {
        let command = arguments.next().ok_or_else(|| usage("No command was given".into()))?;
        match command.to_str() {
            Some("serve") => ServeOptions::parse(&mut arguments).map(Command::Serve),
            Some("deliver") => DeliverOptions::parse(&mut arguments).map(Command::Deliver),
            Some("relay") => RelayOptions::parse(&mut arguments).map(Command::Relay),
            Some("probe") => ProbeOptions::parse(&mut arguments).map(Command::Probe),
            Some("hold") => alone("hold", arguments, Command::Hold),
            Some("--version") => alone("--version", arguments, Command::Version),
            _ => Err(usage(format!("The command {} is unknown", command.display()))),
        }
    }
}

fn alone(name: &str, mut rest: impl Iterator<Item = OsString>, command: Command) -> Result<Command, Failure> {
    match rest.next() {
        None => Ok(command),
        Some(extra) => Err(usage(format!("The command {name} takes no argument, but {} was given", extra.display()))),
    }
}

/// Fills the slots of options from pairs of name and value, each given at most once.
fn read_options(
    command: &str,
    arguments: &mut dyn Iterator<Item = OsString>,
    slots: &mut [(&str, &mut Option<OsString>)],
) -> Result<(), Failure> {
    while let Some(name) = arguments.next() {
        let Some((_, slot)) = slots.iter_mut().find(|(known, _)| name == *known) else {
            return Err(usage(format!("The option {} is unknown to {command}", name.display())));
        };
        let value = arguments.next().ok_or_else(|| usage(format!("The option {} needs a value", name.display())))?;
        if slot.replace(value).is_some() {
            return Err(usage(format!("The option {} was given twice", name.display())));
        }
    }
    Ok(())
}

fn required(slot: Option<OsString>, name: &str) -> Result<OsString, Failure> {
    slot.ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Failure {
    usage(format!("The option {name} is missing"))
}

impl ServeOptions {
    fn parse(arguments: &mut dyn Iterator<Item = OsString>) -> Result<ServeOptions, Failure> {
        let (mut catalog, mut chunks, mut store, mut listen, mut deliver, mut token, mut from, mut stall) =
            (None, None, None, None, None, None, None, None);
        // The only option without a value.
        let mut durable = false;
        let mut arguments = arguments.filter(|argument| {
            let is_durable = argument == "--durable";
            durable |= is_durable;
            !is_durable
        });
        let slots = &mut [
            ("--catalog", &mut catalog),
            ("--chunks", &mut chunks),
            ("--store", &mut store),
            ("--listen", &mut listen),
            ("--deliver", &mut deliver),
            ("--token", &mut token),
            ("--from", &mut from),
            ("--stall", &mut stall),
        ];
        read_options("serve", &mut arguments, slots)?;
        let listen = required(listen, "--listen")?;
        Ok(ServeOptions {
            mount: match (catalog, chunks) {
                (None, None) if deliver.is_some() => None,
                (catalog, chunks) => {
                    Some(Mount { catalog: required(catalog, "--catalog")?.into(), chunks: required(chunks, "--chunks")?.into() })
                }
            },
            store: required(store, "--store")?.into(),
            durable,
            listen: read_place(&listen, "--listen")?,
            delivery: match (deliver, token) {
                (None, None) => None,
                (Some(place), Some(token)) => Some(DeliveryOptions { listen: read_place(&place, "--deliver")?, token: token.into() }),
                _ => return Err(usage("The options --deliver and --token go together".into())),
            },
            from: from.map(|from| read_target(&from, "--from")).transpose()?,
            stall: match stall {
                None => STALL,
                Some(seconds) => read_seconds(&seconds)?,
            },
        })
    }
}

impl DeliverOptions {
    fn parse(arguments: &mut dyn Iterator<Item = OsString>) -> Result<DeliverOptions, Failure> {
        let (mut plan, mut chunks, mut to, mut token) = (None, None, None, None);
        let slots = &mut [("--plan", &mut plan), ("--chunks", &mut chunks), ("--to", &mut to), ("--token", &mut token)];
        read_options("deliver", arguments, slots)?;
        Ok(DeliverOptions {
            plan: required(plan, "--plan")?.into(),
            chunks: required(chunks, "--chunks")?.into(),
            to: read_target(&required(to, "--to")?, "--to")?,
            token: required(token, "--token")?.into(),
        })
    }
}

impl RelayOptions {
    fn parse(arguments: &mut dyn Iterator<Item = OsString>) -> Result<RelayOptions, Failure> {
        let (mut to, mut listen) = (None, Vec::new());
        let mut arguments = arguments.peekable();
        // Pair by pair, since --listen may be given again.
        while arguments.peek().is_some() {
            let mut place = None;
            read_options("relay", &mut arguments.by_ref().take(2), &mut [("--to", &mut to), ("--listen", &mut place)])?;
            if let Some(place) = place {
                listen.push(read_target(&place, "--listen")?);
            }
        }
        let to = read_target(&required(to, "--to")?, "--to")?;
        if listen.is_empty() { Err(missing("--listen")) } else { Ok(RelayOptions { to, listen }) }
    }
}

impl ProbeOptions {
    fn parse(arguments: &mut dyn Iterator<Item = OsString>) -> Result<Option<ProbeOptions>, Failure> {
        let (mut connect, mut path) = (None, None);
        read_options("probe", arguments, &mut [("--connect", &mut connect), ("--path", &mut path)])?;
        if connect.is_none() && path.is_none() {
            return Ok(None);
        }
        let (address, path) = (required(connect, "--connect")?, required(path, "--path")?);
        let connect = read_target(&address, "--connect")?;
        // The path holds the run's secret, so it is not repeated.
        let plain = path.into_string().ok().filter(|path| path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()));
        let path =
            plain.ok_or_else(|| usage("The option --path takes a path that begins with a slash and holds only visible ASCII".into()))?;
        Ok(Some(ProbeOptions { connect, path }))
    }
}

fn read_target(text: &OsStr, name: &str) -> Result<SocketAddr, Failure> {
    let refused =
        || usage(format!("The option {name} takes an address and port such as 127.0.0.1:5000 or [::1]:5000, not {}", text.display()));
    text.to_str().and_then(|text| text.parse().ok()).ok_or_else(refused)
}

fn read_place(text: &OsStr, name: &str) -> Result<Listen, Failure> {
    text.to_str().and_then(Listen::parse).ok_or_else(|| {
        usage(format!(
            "The option {name} takes a port such as 5000, or an address and port such as 0.0.0.0:5000 or [::]:5000, not {}",
            text.display()
        ))
    })
}

/// Reads a time that is not nothing: as a socket's timeout, zero would stand for no timeout at all.
fn read_seconds(text: &OsStr) -> Result<Duration, Failure> {
    let seconds = text.to_str().and_then(|text| text.parse().ok()).filter(|seconds| *seconds > 0);
    let refused = || usage(format!("The option --stall takes whole seconds from 1 on, not {}", text.display()));
    seconds.map(Duration::from_secs).ok_or_else(refused)
}
