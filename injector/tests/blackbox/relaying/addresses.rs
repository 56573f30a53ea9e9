//! Where it listens, and where it leads.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;

use super::{addresses, pair, passes, relay};
use crate::endings::fails;
use crate::listening::without_ipv6;
use crate::process::binary;

#[test]
fn it_listens_at_several_addresses_of_both_families() {
    let registry = TcpListener::bind("127.0.0.1:0").unwrap();
    let relay = relay(Command::new(binary()), registry.local_addr().unwrap(), &["127.0.0.1:0", "[::1]:0", "127.0.0.2:0"]);
    let addresses = addresses(&relay);
    let hosts: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    assert_eq!(hosts, ["127.0.0.1", "::1", "127.0.0.2"]);
    for address in addresses {
        let (client, server) = pair(&registry, address);
        passes(&client, &server, b"up");
        passes(&server, &client, b"down");
    }
}

#[test]
fn all_addresses_of_both_families_can_have_one_port() {
    let registry = TcpListener::bind("[::1]:0").unwrap();
    // A port that was free a moment ago may be taken by another test: then the next one.
    let relay = loop {
        let port = TcpListener::bind("[::]:0").unwrap().local_addr().unwrap().port();
        let places = [format!("0.0.0.0:{port}"), format!("[::]:{port}")];
        let relay = relay(Command::new(binary()), registry.local_addr().unwrap(), &[&places[0], &places[1]]);
        if relay.find("jackal ", "").starts_with("jackal relaying ") {
            break relay;
        }
    };
    let addresses = addresses(&relay);
    assert!(addresses.len() == 2 && addresses.iter().all(|address| address.ip().is_unspecified()), "{addresses:?}");
    for loopback in ["127.0.0.1", "::1"] {
        let (client, server) = pair(&registry, SocketAddr::new(loopback.parse().unwrap(), addresses[0].port()));
        passes(&client, &server, b"up");
        passes(&server, &client, b"down");
    }
}

#[test]
fn an_address_in_use_is_20() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = taken.local_addr().unwrap().to_string();
    let sentence = format!("Address {place} is in use on this node already");
    for listen in [&[place.as_str()][..], &["127.0.0.1:0", &place], &["[::1]:0", &place]] {
        fails(relay(Command::new(binary()), taken.local_addr().unwrap(), listen), 20, "address-in-use", &[&sentence]);
    }
    let taken = TcpListener::bind("[::1]:0").unwrap();
    let place = taken.local_addr().unwrap().to_string();
    fails(relay(Command::new(binary()), taken.local_addr().unwrap(), &[&place]), 20, "address-in-use", &["Address [::1]:"]);
}

#[test]
fn an_address_of_a_family_that_the_node_lacks_is_left_out() {
    let registry = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = Command::new(binary());
    without_ipv6(&mut command);
    let relay = relay(command, registry.local_addr().unwrap(), &["[::1]:0", "127.0.0.1:0", "[::]:0"]);
    let addresses = addresses(&relay);
    assert_eq!(addresses.len(), 1);
    let (client, server) = pair(&registry, addresses[0]);
    passes(&client, &server, b"x");
    let reason = "reason=Address family not supported by protocol (os error 97)";
    assert_eq!(relay.lines()[..2], ["[::1]:0", "[::]:0"].map(|place| format!("jackal omitted address={place} {reason}")));
}

#[test]
fn an_address_that_the_node_does_not_have_is_left_out_too() {
    // TEST-NET-1 (RFC 5737) belongs to no machine.
    let relay = relay(Command::new(binary()), ([127, 0, 0, 1], 1).into(), &["127.0.0.1:0", "192.0.2.1:5000"]);
    assert_eq!(addresses(&relay).len(), 1);
    assert!(relay.lines()[0].starts_with("jackal omitted address=192.0.2.1:5000 reason="), "{:?}", relay.lines());
}

#[test]
fn no_address_that_is_left_is_16() {
    let to = SocketAddr::from(([127, 0, 0, 1], 1));
    let mut command = Command::new(binary());
    without_ipv6(&mut command);
    fails(
        relay(command, to, &["[::1]:5000", "[::]:5000"]),
        16,
        "listen-failed",
        &["Address [::1]:5000 cannot be listened on: Address family"],
    );
    let lacking = relay(Command::new(binary()), to, &["192.0.2.1:5000"]);
    fails(lacking, 16, "listen-failed", &["Address 192.0.2.1:5000 cannot be listened on: "]);
}

#[test]
fn it_reaches_a_registry_by_ipv6() {
    let registry = TcpListener::bind("[::1]:0").unwrap();
    let relay = relay(Command::new(binary()), registry.local_addr().unwrap(), &["127.0.0.1:0"]);
    let (client, server) = pair(&registry, addresses(&relay)[0]);
    passes(&client, &server, b"up");
    passes(&server, &client, b"down");
}
