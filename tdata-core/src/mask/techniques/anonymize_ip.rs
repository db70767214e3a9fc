//! `anonymize_ip`: an address of the ranges reserved for documentation.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::generate::{Value, ValueKind};
use crate::mask::technique::replace_text;
use crate::mask::{Mask, MaskBuild, MaskEntry, Spread, TechniqueKey};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: NAME,
    version: 1,
    parameters: &[],
    summary: "An address reserved for documentation: 192.0.2.0/24 and its like, or 2001:db8::/32.",
    build,
};

const NAME: &str = "anonymize_ip";
/// The networks of 256 addresses reserved for documentation (RFC 5737).
const NETWORKS: [[u8; 3]; 3] = [[192, 0, 2], [198, 51, 100], [203, 0, 113]];
/// The length of an address of 2001:db8::/32 (RFC 3849) with all its digits.
const LONGEST_V6: usize = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff".len();
const SHORTEST: usize = "192.0.2.1".len();

#[derive(Debug)]
struct AnonymizeIp {
    key: TechniqueKey,
    /// The documentation addresses that fit the column.
    v4: Vec<Ipv4Addr>,
    /// Whether version 6 fits the column; if not, its addresses become those of version 4.
    v6: bool,
    max_length: usize,
}

fn build(build: &mut MaskBuild<'_>) -> Option<Arc<dyn Mask>> {
    let limit = build.length_limit().unwrap_or(usize::MAX);
    if limit < SHORTEST {
        build.too_narrow(NAME, SHORTEST);
        return None;
    }
    // The first and the last address of a network name the network and all its hosts.
    let hosts = |[a, b, c]: [u8; 3]| (1..=254).map(move |host| Ipv4Addr::new(a, b, c, host));
    let mut v4: Vec<Ipv4Addr> = NETWORKS.into_iter().flat_map(hosts).collect();
    let length = |address: &Ipv4Addr| address.to_string().len();
    v4.retain(|address| length(address) <= limit);
    let v6 = limit >= LONGEST_V6;
    let longest_v4 = v4.iter().map(length).max().unwrap_or(SHORTEST);
    let max_length = if v6 { LONGEST_V6 } else { longest_v4 };
    Some(Arc::new(AnonymizeIp { key: build.key.technique(NAME), v4, v6, max_length }))
}

/// Reads an address; a network's prefix length and a scope's name are left out.
fn parse(text: &str) -> Option<IpAddr> {
    text.split(['/', '%']).next()?.trim().parse().ok()
}

impl AnonymizeIp {
    fn v4(&self, original: &str, address: Option<IpAddr>) -> Ipv4Addr {
        let index = self.key.stream(original).below(self.v4.len() as u64) as usize;
        let other = |candidate: &&Ipv4Addr| address != Some((**candidate).into());
        // The address drawn, or if that is the original the one behind it.
        let (before, from) = self.v4.split_at(index);
        from.iter().chain(before).find(other).copied().unwrap_or(Ipv4Addr::new(192, 0, 2, 1))
    }

    fn v6(&self, original: &str) -> Ipv6Addr {
        let mut octets = [0; 16];
        octets[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
        octets[4..].copy_from_slice(&self.key.digest(original)[..12]);
        octets.into()
    }
}

impl Mask for AnonymizeIp {
    fn apply(&self, value: &mut Value) {
        replace_text(value, |original, out| {
            let address = parse(original);
            // What is no address becomes one all the same. Writing to a String cannot fail.
            let _ = match address {
                Some(IpAddr::V6(_)) if self.v6 => write!(out, "{}", self.v6(original)),
                _ => write!(out, "{}", self.v4(original, address)),
            };
        });
    }

    fn kind(&self, input: ValueKind) -> Option<ValueKind> {
        matches!(input, ValueKind::Text | ValueKind::Inet).then_some(input)
    }

    fn max_length(&self, _input: usize) -> usize {
        self.max_length
    }

    /// Addresses of version 4 spread the least.
    fn spread(&self) -> Spread {
        Spread::Hashed(self.v4.len() as u128)
    }
}
