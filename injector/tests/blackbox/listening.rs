//! Where `serve` listens: one address, or both families, whatever the machine has of them.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::{Command, Stdio};

use jackal_injector::server::listen::lacks_family;

use crate::client::get;
use crate::fixture::{Fixture, SECRET};
use crate::probing::probe_by;
use crate::process::{Injector, binary};
use crate::refusals::refuse;

fn fixture() -> Fixture {
    let mut fixture = Fixture::new();
    fixture.record("repository demo").write();
    fixture
}

#[test]
fn a_port_alone_is_both_families() {
    let fixture = fixture();
    let injector = Injector::serve_at(&fixture, Command::new(binary()), "0");
    let address = injector.ready();
    assert_eq!(address.ip(), Ipv6Addr::UNSPECIFIED);
    for loopback in [SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())), (Ipv6Addr::LOCALHOST, address.port()).into()] {
        assert_eq!(get(loopback, "/v2/").status, 200, "{loopback}");
    }
}

#[test]
fn an_address_is_that_address_and_no_other() {
    let fixture = fixture();
    let injector = Injector::serve_at(&fixture, Command::new(binary()), "[::1]:0");
    let address = injector.ready();
    assert_eq!(get(address, "/v2/").status, 200);
    assert!(std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, address.port())).is_err());
}

#[test]
fn only_what_says_that_there_is_no_ipv6_leads_to_ipv4() {
    for (error, lacks) in [
        (libc::EAFNOSUPPORT, true),
        (libc::EADDRNOTAVAIL, true),
        (libc::EPROTONOSUPPORT, true),
        (libc::EADDRINUSE, false),
        (libc::EACCES, false),
        (libc::EMFILE, false),
    ] {
        assert_eq!(lacks_family(&io::Error::from_raw_os_error(error)), lacks, "{error}");
    }
    assert!(!lacks_family(&io::Error::other("x")));
}

/// Lets the kernel refuse IPv6 sockets to a command as one that was started with ipv6.disable=1 does.
pub fn without_ipv6(command: &mut Command) {
    refuse(command, libc::SYS_socket, Some((0, libc::AF_INET6)), libc::EAFNOSUPPORT);
}

#[test]
fn without_ipv6_in_the_kernel_a_port_alone_is_ipv4() {
    let fixture = fixture();
    let mut command = Command::new(binary());
    without_ipv6(&mut command);
    let injector = Injector::serve_at(&fixture, command, "0");
    let address = injector.ready();
    assert_eq!(address.ip(), Ipv4Addr::UNSPECIFIED);
    assert_eq!(get((Ipv4Addr::LOCALHOST, address.port()).into(), "/v2/").status, 200);
}

#[test]
fn without_a_limit_for_what_is_unsent_ports_are_served_all_the_same() {
    let fixture = fixture();
    let mut command = Command::new(binary());
    refuse(&mut command, libc::SYS_setsockopt, Some((2, libc::TCP_NOTSENT_LOWAT)), libc::ENOPROTOOPT);
    let injector = Injector::serve_at(&fixture, command, "127.0.0.1:0");
    assert_eq!(get(injector.ready(), "/v2/").status, 200);
}

/// Serves port 5000 in a network of its own after `setting`, and probes these addresses there. Returns what it listens on, or nothing
/// where this machine gives no network.
fn in_a_network(setting: &str, probes: &[&str]) -> Option<SocketAddr> {
    let allowed = Command::new("unshare").args(["-n", "true"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !allowed {
        eprintln!("SKIPPED: a network namespace, which only root may make, is needed for {setting}");
        return None;
    }
    let fixture = fixture();
    let mut command = Command::new("unshare");
    command.args(["-n", "sh", "-c", &format!("ip link set lo up && {setting} && exec \"$0\" \"$@\"")]).arg(binary());
    let injector = Injector::serve_at(&fixture, command, "5000");
    let address = injector.ready();
    let inside = || {
        let mut command = Command::new("nsenter");
        command.args(["-t", &injector.pid().to_string(), "-n"]).arg(binary());
        command
    };
    for probe in probes {
        let told = probe_by(inside, probe.parse().unwrap(), &format!("/{SECRET}/readyz"));
        assert_eq!(told, (Some(0), String::new()), "{setting}, {probe}");
    }
    Some(address)
}

#[test]
fn both_families_are_taken_where_sockets_are_for_ipv6_only_by_default() {
    let both = ["127.0.0.1:5000", "[::1]:5000"];
    if let Some(address) = in_a_network("echo 1 > /proc/sys/net/ipv6/bindv6only", &both) {
        assert_eq!(address, "[::]:5000".parse().unwrap());
    }
}

#[test]
fn ipv4_is_taken_where_ipv6_is_switched_off() {
    in_a_network("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6", &["127.0.0.1:5000"]);
}
