//! `ip_address`, `url`: addresses that lead nowhere.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::text::{Part, Template, fitting, lorem_words};
use crate::generate::{AnyGenerator, Build, CellRng, Family, GeneratorEntry};
use crate::value::{Slot, ValueKind};

pub(in crate::generate) const IP_ADDRESS: GeneratorEntry = GeneratorEntry {
    name: "ip_address",
    version: 1,
    parameters: &["version"],
    summary: "Private IPv4 addresses (10.0.0.0/8), or with `version: 6` IPv6 addresses of the \
              documentation (2001:db8::/32).",
    build: build_ip_address,
};

pub(in crate::generate) const URL: GeneratorEntry = GeneratorEntry {
    name: "url",
    version: 1,
    parameters: &[],
    summary: "Web addresses under example.com, such as `https://dolor.example.com/amet/4711`.",
    build: build_url,
};

#[derive(Clone, Copy, Debug)]
enum IpAddress {
    V4,
    V6,
}

fn build_ip_address(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let version = build.word("version", &[("4", IpAddress::V4), ("6", IpAddress::V6)]);
    Some(Arc::new(version.unwrap_or(IpAddress::V4)))
}

/// The hosts of a /24 network: 1 to 254, network and broadcast address left out.
const HOSTS: u64 = 254;

impl Family for IpAddress {
    fn kind(&self) -> ValueKind {
        ValueKind::Inet
    }

    fn capacity(&self) -> u64 {
        match self {
            Self::V4 => (1 << 16) * HOSTS,
            // 96 bits are free.
            Self::V6 => u64::MAX,
        }
    }

    fn nth(&self, number: u64, out: &mut impl Slot) {
        match self {
            // RFC 1918: 10.0.0.0/8 is private.
            Self::V4 => {
                let (network, host) = (number / HOSTS, number % HOSTS + 1);
                let address = Ipv4Addr::new(10, (network >> 8) as u8, network as u8, host as u8);
                out.text(|out| out.push_display(&address));
            }
            // RFC 3849: 2001:db8::/32 is for documentation.
            Self::V6 => {
                let middle = CellRng::from_bits(number).bits() >> 32;
                let bits = 0x2001_0db8 << 96 | u128::from(middle) << 64 | u128::from(number);
                out.text(|out| out.push_display(&Ipv6Addr::from_bits(bits)));
            }
        }
    }

    fn max_length(&self, _rows: u64) -> usize {
        match self {
            Self::V4 => "10.255.255.254".len(),
            Self::V6 => "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff".len(),
        }
    }
}

fn build_url(build: &mut Build<'_>) -> Option<AnyGenerator> {
    let word = || Part::Words(lorem_words());
    let (scheme, domain) = (Part::literal("https://"), Part::literal(".example.com/"));
    let number = Part::number(1, 99_999);
    fitting(build, [Template::new([scheme, word(), domain, word(), Part::literal("/"), number])])
}
