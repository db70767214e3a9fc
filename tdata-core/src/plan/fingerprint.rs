//! The hash of everything that determines the data's bytes.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::masks;
use crate::contract::Contract;
use crate::definition::{Files, Library};
use crate::generate;
use crate::mask::{self, MaskKey};
use crate::project::Surroundings;
use crate::rows::Stored;
use crate::spec::DatasetSpec;

/// The hash of everything that determines the data's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// Returns the fingerprint of the same data where their rows load in some surroundings; the same one where these are
    /// the usual ones.
    #[must_use]
    pub fn within(self, surroundings: &Surroundings) -> Self {
        if *surroundings == Surroundings::default() {
            return self;
        }
        let mut parts = Parts(Sha256::new());
        parts.add("tdata surroundings");
        parts.add(&self.to_string());
        surroundings.contents(&mut |part| parts.add(part));
        parts.finish()
    }
}

/// Computes the fingerprint of a contract over its datasets (parents included).
///
/// Masks also depend on how narrow the columns of other definitions are, which share their domains:
/// `library` has these. `stored` has the rows that are stored. `schema` stands for how the tables are made: a digest of the migrations, or nothing.
pub fn fingerprint(
    contract: &Contract,
    specs: &[Arc<DatasetSpec>],
    library: &Library,
    stored: &Stored,
    key: &MaskKey,
    schema: &str,
) -> Fingerprint {
    let mut parts = Parts::of(contract, key, schema);
    if contract.apply_masking {
        let shared = masks::shared(specs, library, !schema.is_empty());
        shared.iter().for_each(|form| parts.add(form));
    }
    let mut specs: Vec<&Arc<DatasetSpec>> = specs.iter().collect();
    specs.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    for spec in specs {
        parts.add(&spec.name);
        parts.add(&contract.volumes.rows(&spec.name, spec.rows).to_string());
        spec.contents(&mut |part| parts.add(part));
        if let Some(rows) = stored.get(&spec.name.value) {
            rows.contents(&mut |part| parts.add(part));
        }
    }
    parts.finish()
}

/// Computes a hash that stands for a contract's fingerprint without parsing a definition: equal ones mean equal
/// fingerprints. A change of any file of the project changes it, also of those that the contract does
/// not need.
pub fn coarse_fingerprint(
    contract: &Contract,
    files: &Files,
    key: &MaskKey,
    schema: &str,
) -> Fingerprint {
    let mut parts = Parts::of(contract, key, schema);
    parts.add("coarse");
    contract.datasets.iter().for_each(|dataset| parts.add(dataset));
    parts.add(&format!("{:?}", contract.volumes));
    parts.0.update(files.digest());
    parts.finish()
}

/// Computes the fingerprint of tables that migrations make, without any rows. `schema` stands for the migrations.
pub fn schema_fingerprint(schema: &str) -> Fingerprint {
    let mut parts = Parts(Sha256::new());
    parts.add("tdata schema");
    parts.add(env!("CARGO_PKG_VERSION"));
    parts.add(schema);
    parts.finish()
}

struct Parts(Sha256);

impl Parts {
    /// Hashes what data of all definitions depend on.
    fn of(contract: &Contract, key: &MaskKey, schema: &str) -> Self {
        let mut parts = Self(Sha256::new());
        parts.add("tdata fingerprint 5");
        // What lies between generators and bytes, such as the shuffle, has no version but tdata's own.
        parts.add(env!("CARGO_PKG_VERSION"));
        parts.add(&contract.seed.to_string());
        parts.add(&contract.as_of.micros().to_string());
        let masking = if contract.apply_masking { key.id() } else { "unmasked".to_owned() };
        parts.add(&masking);
        parts.add(schema);
        // A generator's or technique's new version means new bytes; all of them are few enough to hash.
        for entry in generate::GENERATORS {
            parts.add(&format!("{}@{}", entry.name, entry.version));
        }
        for entry in mask::MASKS {
            parts.add(&format!("{}@{}", entry.name, entry.version));
        }
        parts
    }

    fn finish(self) -> Fingerprint {
        let digest = self.0.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Fingerprint(bytes)
    }

    /// Hashes a part with its length, so that parts cannot run into each other.
    fn add(&mut self, part: &str) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }
}

/// Reads what `Display` writes.
impl FromStr for Fingerprint {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut bytes = [0; 16];
        if text.len() != 2 * bytes.len() {
            return Err(());
        }
        for (place, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * place..2 * place + 2).ok_or(())?;
            *byte = u8::from_str_radix(digits, 16).map_err(drop)?;
        }
        Ok(Self(bytes))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Origin;
    use crate::project::{SessionSettings, Triggers};

    #[test]
    fn what_surrounds_rows_is_part_of_their_fingerprint() {
        let usual = schema_fingerprint("a");
        assert_eq!(usual.within(&Surroundings::default()), usual);
        let with = |triggers, settings: &[(&str, &str)]| {
            let mut session = SessionSettings::default();
            for (name, value) in settings {
                session.set(name, value, Origin::named("here")).unwrap();
            }
            usual.within(&Surroundings { triggers, session })
        };
        let all = [
            usual,
            with(Triggers::Off, &[]),
            with(Triggers::On, &[("app.a", "1")]),
            with(Triggers::On, &[("app.a", "2")]),
            with(Triggers::On, &[("app.a", "1"), ("app.b", "1")]),
            with(Triggers::Off, &[("app.a", "1")]),
        ];
        let apart: std::collections::BTreeSet<Fingerprint> = all.into_iter().collect();
        assert_eq!(apart.len(), all.len());
        assert_eq!(with(Triggers::On, &[("App.A", "1")]), all[2]);
    }
}
