//! Addresses of networks.

use std::net::{IpAddr, Ipv4Addr};

use tdata_core::sql::{SqlKind, SqlKinds};
use tdata_core::value::Value;

use super::cells::Cells;
use super::field_type::{FieldType, Mismatch};

impl FieldType for IpAddr {
    const HOLDS: SqlKinds = SqlKinds::of(&[SqlKind::Inet]);

    #[inline]
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let Value::Text(text) = &value else { return Err(Mismatch::of(&value)) };
        let (address, prefix) = text.split_once('/').map_or((&**text, None), |(a, b)| (a, Some(b)));
        match (address.parse(), prefix) {
            // A host's prefix is as long as its address.
            (Ok(address @ Self::V4(_)), None | Some("32")) => Ok(address),
            (Ok(address @ Self::V6(_)), None | Some("128")) => Ok(address),
            _ => Err(Mismatch::of(&value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }

    #[inline]
    fn fill_cell(&self, cells: &mut Cells<'_>) {
        match self {
            Self::V4(address) => cells.push_text(dotted(*address, &mut [0; 15])),
            Self::V6(_) => cells.push(self.to_value()),
        }
    }
}

/// Writes an address into some bytes; several times as fast as formatting it.
fn dotted(address: Ipv4Addr, out: &mut [u8; 15]) -> &str {
    let mut length = 0;
    for (at, octet) in address.octets().into_iter().enumerate() {
        if at > 0 {
            out[length] = b'.';
            length += 1;
        }
        for (unit, least) in [(100, 100), (10, 10), (1, 0)] {
            if octet >= least {
                out[length] = b'0' + octet / unit % 10;
                length += 1;
            }
        }
    }
    str::from_utf8(&out[..length]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_everywhere() {
        for octets in [[0, 9, 10, 99], [100, 101, 109, 110], [199, 200, 209, 255]] {
            let address = Ipv4Addr::from(octets);
            assert_eq!(dotted(address, &mut [0; 15]), address.to_string());
        }
    }
}
