//! What somebody says of a contract, and what completes it.

use std::collections::BTreeMap;

use super::option_value::{Form, OptionValue};
use super::{Contract, Isolation, Keep, Scope, VersionChoice, Volume, Volumes};
use crate::definition::Instant;

/// Makes the partial contract and the table of its options.
macro_rules! options {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        /// What somebody says of a contract: an attribute, a request, the file of an earlier one. Every option
        /// can be left out.
        ///
        /// ```
        /// use tdata_core::contract::{Defaults, Keep, PartialContract, Scope};
        ///
        /// let said = PartialContract { scope: Some(Scope::Shared), ..PartialContract::of(["users"]) };
        /// let as_of = "2024-05-01".parse().unwrap();
        /// let contract = said.complete(Defaults { seed: 7, as_of, keep: Keep::Never });
        /// assert_eq!((contract.scope, contract.seed), (Scope::Shared, 7));
        /// ```
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct PartialContract {
            /// The datasets asked for by name; relationships bring others along.
            pub datasets: Vec<String>,
            /// How many rows of each dataset that is named.
            pub volumes: BTreeMap<String, Volume>,
            $($(#[$doc])* pub $name: Option<$type>,)*
        }

        /// All options but `datasets` and the volumes by dataset, in the order in which they are documented.
        pub const OPTIONS: &[ContractOption] = &[$(ContractOption {
            name: stringify!($name),
            form: <$type as OptionValue>::FORM,
            read: |contract, text| {
                contract.$name = Some(text.parse().ok()?);
                Some(())
            },
            write: |contract| contract.$name.as_ref().map(ToString::to_string),
        }),*];
    };
}

options! {
    /// How many rows of every dataset that is not named itself.
    volume: Volume,
    /// How long the data lives and who shares it.
    scope: Scope,
    /// What separates it from other live data.
    isolation: Isolation,
    /// Whether personal data is masked.
    apply_masking: bool,
    /// Which version of the definitions.
    version: VersionChoice,
    /// What all random choice starts from.
    seed: u64,
    /// The time that relative dates count from.
    as_of: Instant,
    /// Whether tests may write to data they share.
    writable: bool,
    /// Whether the data stay behind the test.
    keep: Keep,
}

/// An option of a contract: its name, and how its value is read and written.
#[derive(Clone, Copy, Debug)]
pub struct ContractOption {
    /// Its name, in the attribute as well as in files.
    pub name: &'static str,
    /// How its value is written.
    pub form: Form,
    read: fn(&mut PartialContract, &str) -> Option<()>,
    write: fn(&PartialContract) -> Option<String>,
}

/// A text that is not a value of its option.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is {expected}")]
pub struct InvalidOption {
    /// The option.
    pub name: String,
    /// What its value is.
    pub expected: String,
}

impl ContractOption {
    /// Returns the option of a name.
    ///
    /// ```
    /// use tdata_core::contract::{ContractOption, PartialContract};
    ///
    /// let seed = ContractOption::named("seed").unwrap();
    /// let mut said = PartialContract::of(["users"]);
    /// seed.read(&mut said, "7").unwrap();
    /// assert_eq!((said.seed, seed.write(&said)), (Some(7), Some("7".to_owned())));
    /// ```
    pub fn named(name: &str) -> Option<&'static Self> {
        OPTIONS.iter().find(|option| option.name == name)
    }

    /// Sets the option in a contract to the value of a text.
    ///
    /// # Errors
    ///
    /// When the text is not a value of the option; the contract is unchanged then.
    pub fn read(&self, contract: &mut PartialContract, text: &str) -> Result<(), InvalidOption> {
        (self.read)(contract, text).ok_or_else(|| InvalidOption {
            name: self.name.to_owned(),
            expected: self.form.expected(),
        })
    }

    /// Returns the text of the option's value in a contract; `None` where it is left out.
    pub fn write(&self, contract: &PartialContract) -> Option<String> {
        (self.write)(contract)
    }
}

/// What holds for the options whose default the project and the environment decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// What all random choice starts from.
    pub seed: u64,
    /// The time that relative dates count from.
    pub as_of: Instant,
    /// Whether the data stay behind the test.
    pub keep: Keep,
}

impl PartialContract {
    /// Asks for datasets, and says nothing else.
    pub fn of<S: Into<String>>(datasets: impl IntoIterator<Item = S>) -> Self {
        Self { datasets: datasets.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Leaves out what says no more than the default: a constant need not hold it.
    #[must_use]
    pub fn without_defaults(self) -> Self {
        Self {
            scope: self.scope.filter(|scope| *scope != Scope::default()),
            isolation: self.isolation.filter(|isolation| *isolation != Isolation::default()),
            apply_masking: self.apply_masking.filter(|masked| !masked),
            version: self.version.filter(|version| *version != VersionChoice::default()),
            writable: self.writable.filter(|writable| *writable),
            ..self
        }
    }

    /// Completes it: what is left out has its default.
    pub fn complete(self, defaults: Defaults) -> Contract {
        Contract {
            datasets: self.datasets,
            volumes: Volumes { every: self.volume, by_dataset: self.volumes },
            scope: self.scope.unwrap_or_default(),
            isolation: self.isolation.unwrap_or_default(),
            apply_masking: self.apply_masking.unwrap_or(true),
            version: self.version.unwrap_or_default(),
            seed: self.seed.unwrap_or(defaults.seed),
            as_of: self.as_of.unwrap_or(defaults.as_of),
            writable: self.writable.unwrap_or(false),
            keep: self.keep.unwrap_or(defaults.keep),
        }
    }
}

impl From<Contract> for PartialContract {
    /// Says all of a contract.
    fn from(contract: Contract) -> Self {
        Self {
            datasets: contract.datasets,
            volumes: contract.volumes.by_dataset,
            volume: contract.volumes.every,
            scope: Some(contract.scope),
            isolation: Some(contract.isolation),
            apply_masking: Some(contract.apply_masking),
            version: Some(contract.version),
            seed: Some(contract.seed),
            as_of: Some(contract.as_of),
            writable: Some(contract.writable),
            keep: Some(contract.keep),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Contracts in which each option is said or left out.
    fn partial_contracts() -> impl Strategy<Value = PartialContract> {
        use proptest::option::of;
        let one_of = |values: &'static [&'static str]| proptest::sample::select(values);
        let volume = prop_oneof![Just("full".to_owned()), any::<u64>().prop_map(|n| n.to_string())];
        let truth = || any::<bool>().prop_map(|truth| truth.to_string());
        let words = (
            of(volume),
            of(one_of(Scope::WORDS)),
            of(one_of(Isolation::WORDS)),
            of(one_of(&["latest", "v1.2.0", "v0.0.1"])),
            of(one_of(&["2024-05-01", "1969-12-31T23:59:59.5Z"])),
            of(one_of(Keep::WORDS)),
        );
        let others = (of(truth()), of(any::<u64>()), of(truth()));
        (words, others).prop_map(|(words, (apply_masking, seed, writable))| {
            let (volume, scope, isolation, version, as_of, keep) = words;
            let mut contract = PartialContract::of(["users"]);
            let said = [
                ("volume", volume),
                ("scope", scope.map(str::to_owned)),
                ("isolation", isolation.map(str::to_owned)),
                ("apply_masking", apply_masking),
                ("version", version.map(str::to_owned)),
                ("seed", seed.map(|seed| seed.to_string())),
                ("as_of", as_of.map(str::to_owned)),
                ("writable", writable),
                ("keep", keep.map(str::to_owned)),
            ];
            for (name, text) in said {
                if let Some(text) = text {
                    ContractOption::named(name).unwrap().read(&mut contract, &text).unwrap();
                }
            }
            contract
        })
    }

    fn defaults() -> Defaults {
        Defaults { seed: 42, as_of: "2024-05-01".parse().unwrap(), keep: Keep::OnFailure }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(contract in partial_contracts()) {
            let mut again = PartialContract::of(["users"]);
            for option in OPTIONS {
                if let Some(text) = option.write(&contract) {
                    option.read(&mut again, &text).unwrap();
                }
            }
            prop_assert_eq!(again, contract);
        }

        #[test]
        fn completing_changes_nothing_that_was_said(contract in partial_contracts()) {
            let complete = PartialContract::from(contract.clone().complete(defaults()));
            for option in OPTIONS {
                if let Some(said) = option.write(&contract) {
                    prop_assert_eq!(option.write(&complete), Some(said));
                }
            }
        }

        #[test]
        fn defaults_need_not_be_said(contract in partial_contracts()) {
            let short = contract.clone().without_defaults();
            prop_assert_eq!(short.complete(defaults()), contract.complete(defaults()));
        }

        #[test]
        fn a_complete_contract_needs_no_defaults(contract in partial_contracts()) {
            let complete = contract.complete(defaults());
            let other = Defaults { seed: 1, as_of: "1999-01-01".parse().unwrap(), keep: Keep::Always };
            prop_assert_eq!(PartialContract::from(complete.clone()).complete(other), complete);
        }
    }

    #[test]
    fn what_nobody_says_has_its_default() {
        let contract = PartialContract::of(["users"]).complete(defaults());
        let expected =
            Contract { keep: Keep::OnFailure, ..Contract::new(["users"], defaults().as_of) };
        assert_eq!(contract, expected);
    }

    #[test]
    fn a_text_that_is_no_value_is_told_and_changes_nothing() {
        let mut contract = PartialContract::of(["users"]);
        for (name, text, message) in [
            ("seed", "-1", "`seed` is a whole number from 0 on"),
            ("writable", "yes", "`writable` is `true` or `false`"),
            ("volume", "some", "`volume` is a number of rows, or `full`"),
            ("isolation", "none", "`isolation` is `full`, `schema` or `transaction`"),
            ("version", "1.0", "`version` is \"latest\" or a version such as \"v1.2.0\""),
        ] {
            let option = ContractOption::named(name).unwrap();
            let invalid = option.read(&mut contract, text).unwrap_err();
            assert_eq!(invalid.to_string(), message);
        }
        assert_eq!(contract, PartialContract::of(["users"]));
        assert!(ContractOption::named("sede").is_none());
    }
}
