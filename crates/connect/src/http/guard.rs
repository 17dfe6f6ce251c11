//! Which addresses a stranger may send us to: whoever names a calendar's address must not learn by it what our own
//! network answers.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Looks names up and leaves out the addresses that are not public. What is left is what is connected to, so a name that
/// means something else a moment later changes nothing.
pub(super) struct Guarded;

/// All addresses of a name are private.
#[derive(Debug, thiserror::Error)]
#[error("the address is in a private network")]
pub(super) struct Private;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.iter().copied().filter(|each| is_public(each.ip())).collect();
            if public.is_empty() && !found.is_empty() {
                return Err(Private.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether a request failed because of that.
pub(super) fn is_private(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(each) = next {
        if each.is::<Private>() {
            return true;
        }
        next = each.source();
    }
    false
}

/// Whether an address can be anybody's on the Internet, by the registries of special addresses (RFC 6890).
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        // This network, private, loopback, multicast, reserved, broadcast.
        [0 | 10 | 127 | 224..=255, ..] => false,
        // Shared between a provider and its customers.
        [100, second, ..] => !(64..=127).contains(&second),
        // Link-local; private.
        [169, second, ..] => second != 254,
        [172, second, ..] => !(16..=31).contains(&second),
        // Protocol assignments, documentation; relays of 6to4; private.
        [192, 0, third, _] => third != 0 && third != 2,
        [192, 88, third, _] => third != 99,
        [192, second, ..] => second != 168,
        // Benchmarks, documentation.
        [198, 51, third, _] => third != 100,
        [198, second, ..] => second != 18 && second != 19,
        [203, 0, third, _] => third != 113,
        _ => true,
    }
}

/// Of IPv6 only `2000::/3` is given to anybody. What stands for an IPv4 address (mapped, NAT64) is not in it, or is left out
/// of it (6to4, Teredo among the protocol assignments).
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, second, ..] => second >= 0x0200 && second != 0x0db8,
        [0x3fff, second, ..] => second >= 0x1000,
        [first, ..] => first & 0xe000 == 0x2000 && first != 0x2002,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        let private = "0.0.0.0 10.1.2.3 100.64.0.1 100.127.255.255 127.0.0.1 127.255.0.1 169.254.169.254 172.16.0.1 \
            172.31.255.255 192.168.0.1 192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.1 198.51.100.1 203.0.113.9 \
            224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 \
            64:ff9b:1::1 100::1 fc00::1 fd12::1 fe80::1 fec0::1 ff02::1 2001::1 2001:1ff::1 2001:db8::1 2002:7f00:1::1 \
            3fff:fff::1 4000::1";
        let public = "1.1.1.1 8.8.8.8 100.63.0.1 100.128.0.1 126.0.0.1 169.253.0.1 172.15.0.1 172.32.0.1 192.0.1.1 \
            192.167.0.1 192.169.0.1 198.17.0.1 198.20.0.1 223.255.255.255 2001:200::1 2001:4860:4860::8888 \
            2606:4700::1111 2a00:1450::1 3ffe::1";
        for each in private.split_whitespace() {
            assert!(!is_public(each.parse().unwrap()), "{each}");
        }
        for each in public.split_whitespace() {
            assert!(is_public(each.parse().unwrap()), "{each}");
        }
    }
}
