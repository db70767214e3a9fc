//! `anonymize_ip`: an address of the ranges reserved for documentation.
//!
//! An address of version 6 becomes 2001:db8::/32 with the bits of three words behind it; should that be
//! the original, its last bit changes. All else becomes one of the addresses of version 4 that fit,
//! network by network and host by host: the one that a word chooses, or if that is the original the
//! next. Where version 6 does not fit, its addresses become those of version 4 too.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::mask::canonical::with_address;
use crate::mask::key::{RuleKey, Words};
use crate::mask::technique::replace_text;
use crate::mask::{AnyMask, MaskEntry, Masking, Spread, Technique};
use crate::value::{Slot, ValueKind, ValueRef};

pub(in crate::mask) const ENTRY: MaskEntry = MaskEntry {
    name: "anonymize_ip",
    version: 2,
    keyed: true,
    parameters: &[],
    read: |_| Some(Box::new(AnonymizeIp)),
    usual: |_| Box::new(AnonymizeIp),
};

/// The networks of 256 addresses reserved for documentation (RFC 5737).
const NETWORKS: [[u8; 3]; 3] = [[192, 0, 2], [198, 51, 100], [203, 0, 113]];
/// The first and the last address of a network name the network and all its hosts.
const HOSTS: std::ops::RangeInclusive<u8> = 1..=254;
/// The length of an address of 2001:db8::/32 (RFC 3849) with all its digits.
const LONGEST_V6: usize = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff".len();
const SHORTEST: usize = "192.0.2.1".len();

#[derive(Debug)]
struct AnonymizeIp;

impl Technique for AnonymizeIp {
    fn least(&self) -> usize {
        SHORTEST
    }

    fn mask(&self, key: RuleKey, limit: usize) -> AnyMask {
        let hosts = |[a, b, c]: [u8; 3]| HOSTS.map(move |host| Ipv4Addr::new(a, b, c, host));
        let mut v4: Vec<Ipv4Addr> = NETWORKS.into_iter().flat_map(hosts).collect();
        v4.retain(|address| length(*address) <= limit);
        let v6 = limit >= LONGEST_V6;
        let longest_v4 = v4.iter().map(|address| length(*address)).max().unwrap_or(SHORTEST);
        let max_length = if v6 { LONGEST_V6 } else { longest_v4 };
        Arc::new(Addresses { key, v4, v6, max_length })
    }
}

fn length(address: Ipv4Addr) -> usize {
    let digits = |octet: u8| octet.checked_ilog10().map_or(1, |log| log as usize + 1);
    address.octets().into_iter().map(digits).sum::<usize>() + 3
}

#[derive(Debug)]
struct Addresses {
    key: RuleKey,
    /// The documentation addresses that fit the column.
    v4: Vec<Ipv4Addr>,
    /// Whether version 6 fits the column.
    v6: bool,
    max_length: usize,
}

impl Addresses {
    fn v4(&self, words: &mut Words<'_>, original: Option<IpAddr>) -> Ipv4Addr {
        let count = self.v4.len().max(1);
        let drawn = words.below(count as u32) as usize;
        let nth = |number: usize| self.v4.get(number % count).copied();
        let drawn_or_next = match nth(drawn) {
            Some(address) if original == Some(address.into()) => nth(drawn + 1),
            address => address,
        };
        drawn_or_next.unwrap_or(Ipv4Addr::new(192, 0, 2, 1))
    }
}

fn v6(words: &mut Words<'_>, original: Ipv6Addr) -> Ipv6Addr {
    let drawn = (0..3).fold(0x2001_0db8, |bits: u128, _| bits << 32 | u128::from(words.next()));
    Ipv6Addr::from(if drawn == u128::from(original) { drawn ^ 1 } else { drawn })
}

impl Masking for Addresses {
    fn mask(&self, original: ValueRef<'_>, out: &mut impl Slot) {
        replace_text(original, out, |original, out| {
            with_address(original, |address, canonical| {
                let words = &mut self.key.words(canonical);
                // What is no address becomes one all the same. Writing to a String cannot fail.
                let _ = match address {
                    Some(IpAddr::V6(address)) if self.v6 => write!(out, "{}", v6(words, address)),
                    address => write!(out, "{}", self.v4(words, address)),
                };
            });
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
