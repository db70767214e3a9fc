//! The hash of everything that determines the data's bytes.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::contract::Contract;
use crate::definition::Definition;
use crate::generate;
use crate::mask::{self, MaskKey};

/// The hash of everything that determines the data's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 16]);

/// Computes the fingerprint of a contract over its definitions (parents included).
///
/// `schema` stands for how the tables are made: a digest of the migrations, or nothing.
pub fn fingerprint(
    contract: &Contract,
    definitions: &[Arc<Definition>],
    key: &MaskKey,
    schema: &str,
) -> Fingerprint {
    let mut parts = Parts(Sha256::new());
    parts.add("tdata fingerprint 2");
    // What lies between generators and bytes, such as the shuffle, has no version but tdata's own.
    parts.add(env!("CARGO_PKG_VERSION"));
    parts.add(&contract.seed.to_string());
    parts.add(&contract.as_of.micros().to_string());
    let masking = if contract.apply_masking { key.id() } else { "unmasked".to_owned() };
    parts.add(&masking);
    parts.add(schema);
    let mut definitions: Vec<&Arc<Definition>> = definitions.iter().collect();
    definitions.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    for definition in definitions {
        parts.add(&definition.name);
        parts.add(&contract.volumes.rows(&definition.name, definition.count).to_string());
        parts.add(definition.source.text());
    }
    // A generator's or technique's new version means new bytes; all of them are few enough to hash.
    for entry in generate::GENERATORS {
        parts.add(&format!("{}@{}", entry.name, entry.version));
    }
    for entry in mask::MASKS {
        parts.add(&format!("{}@{}", entry.name, entry.version));
    }
    let digest = parts.0.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Fingerprint(bytes)
}

struct Parts(Sha256);

impl Parts {
    /// Hashes a part with its length, so that parts cannot run into each other.
    fn add(&mut self, part: &str) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }
}

/// Writes 32 hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}
