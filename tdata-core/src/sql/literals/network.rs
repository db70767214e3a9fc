//! `inet` and `cidr`.

use std::net::IpAddr;

/// Reads an IP address, with the length of its network's prefix or without.
pub(super) fn inet(text: &str) -> Result<String, String> {
    let expected = || "an IP address such as `192.0.2.1` or `2001:db8::/32`".to_owned();
    let (address, length) = split(text).ok_or_else(expected)?;
    let address: IpAddr = address.parse().map_err(|_| expected())?;
    let length = length.unwrap_or_else(|| bits(&address));
    if length > bits(&address) {
        return Err(expected());
    }
    Ok(format!("{address}/{length}"))
}

/// Reads an IP network: an address whose bits behind the prefix are 0. Of one in IPv4 the last parts may be left out.
pub(super) fn cidr(text: &str) -> Result<String, String> {
    let expected = || {
        "an IP network such as `192.0.2.0/24` or `2001:db8::/32`, with no bits set behind its prefix"
            .to_owned()
    };
    let (address, length) = split(text).ok_or_else(expected)?;
    let parts = address.split('.').count();
    let full = if address.contains(':') || parts >= 4 {
        address.to_owned()
    } else {
        format!("{address}{}", ".0".repeat(4 - parts))
    };
    let address: IpAddr = full.parse().map_err(|_| expected())?;
    let length = length.unwrap_or_else(|| match address {
        IpAddr::V4(address) if parts < 4 => class(address.octets()[0]).max(8 * parts as u8),
        _ => bits(&address),
    });
    let host_bits = |all: u128, bits: u8| {
        let behind = u32::from(bits - length);
        all & 1u128.checked_shl(behind).map_or(u128::MAX, |one| one - 1)
    };
    let behind = match address {
        _ if length > bits(&address) => return Err(expected()),
        IpAddr::V4(address) => host_bits(u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => host_bits(u128::from(address), 128),
    };
    if behind != 0 {
        return Err(expected());
    }
    Ok(format!("{address}/{length}"))
}

/// Splits the length of a prefix off; `None` where it is none.
fn split(text: &str) -> Option<(&str, Option<u8>)> {
    let Some((address, length)) = text.split_once('/') else { return Some((text, None)) };
    let digits = length.bytes().all(|digit| digit.is_ascii_digit());
    let plain = length == "0" || !length.starts_with('0');
    let length = (digits && plain).then(|| length.parse().ok())??;
    Some((address, Some(length)))
}

fn bits(address: &IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The length of the prefix that networks had by their first part.
fn class(first: u8) -> u8 {
    match first {
        240.. => 32,
        224.. => 8,
        192.. => 24,
        128.. => 16,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_nothing_behind_their_prefix() {
        assert_eq!(cidr("10.1").as_deref(), Ok("10.1.0.0/16"));
        assert_eq!(cidr("192.168"), cidr("192.168.0.0/24"));
        assert_eq!(cidr("2001:DB8::/32"), cidr("2001:db8:0::/32"));
        for text in
            ["192.0.2.1/24", "10.0.0.0/33", "2001:db8::1/64", "", "x", "10.0.0.0/08", "1.2.3.4.5"]
        {
            assert!(cidr(text).is_err(), "{text}");
        }
        assert!(cidr("0.0.0.0/0").is_ok() && cidr("::/0").is_ok() && cidr("::1").is_ok());
    }

    #[test]
    fn addresses_are_those_of_their_network_by_itself() {
        assert_eq!(inet("192.0.2.1"), inet("192.0.2.1/32"));
        assert_ne!(inet("192.0.2.1"), inet("192.0.2.1/24"));
        assert_eq!(inet("2001:DB8::1"), inet("2001:db8:0:0::1/128"));
        for text in ["192.0.2.1/+24", "192.0.2.1/024", "192.0.2.1/", "192.0.2", "::1/129"] {
            assert!(inet(text).is_err(), "{text}");
        }
    }
}
