//! The options of contracts, in one table: what somebody says of a contract and what completes it are made of it.

use super::option_value::{Form, OptionValue};
use super::{Isolation, Keep, Scope, VersionChoice, Volume, Volumes};
use crate::definition::Instant;

/// Makes the contract, the partial contract and the table of options. Behind each option stands its default.
macro_rules! options {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $default:expr,)*) => {
        /// What one test needs.
        ///
        /// `Display` writes it in one line, as failing tests print it.
        ///
        /// ```
        /// use tdata_core::contract::{Contract, Scope};
        ///
        /// let as_of = "2024-05-01".parse().unwrap();
        /// let contract = Contract { scope: Scope::TestClass, ..Contract::new(["users"], as_of) };
        /// assert_eq!(
        ///     contract.volume("users", 50).to_string(),
        ///     "datasets = [users = 50], scope = test_class, isolation = full",
        /// );
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        pub struct Contract {
            /// The datasets asked for by name; relationships bring others along.
            pub datasets: Vec<String>,
            /// How many rows of each.
            pub volumes: Volumes,
            $($(#[$doc])* pub $name: $type,)*
        }

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
            /// How many rows of each.
            pub volumes: Volumes,
            $($(#[$doc])* pub $name: Option<$type>,)*
        }

        impl PartialContract {
            /// Completes it: what is left out has its default.
            pub fn complete(self, defaults: Defaults) -> Contract {
                Contract {
                    datasets: self.datasets,
                    volumes: self.volumes,
                    $($name: self.$name.unwrap_or_else(|| {
                        let default: fn(Defaults) -> $type = $default;
                        default(defaults)
                    }),)*
                }
            }
        }

        impl From<Contract> for PartialContract {
            /// Says all of a contract.
            fn from(contract: Contract) -> Self {
                Self {
                    datasets: contract.datasets,
                    volumes: contract.volumes,
                    $($name: Some(contract.$name),)*
                }
            }
        }

        /// All options but `datasets` and the volumes by dataset, in the order in which they are documented.
        pub const OPTIONS: &[ContractOption] = &[
            option!(volume: Volume, volumes.every),
            $(option!($name: $type, $name)),*
        ];
    };
}

/// Makes an option of the place that it has in partial contracts.
macro_rules! option {
    ($name:ident: $type:ty, $($place:ident).+) => {
        ContractOption {
            name: stringify!($name),
            form: <$type as OptionValue>::FORM,
            read: |contract, text| {
                contract.$($place).+ = Some(text.parse().ok()?);
                Some(())
            },
            write: |contract| contract.$($place).+.as_ref().map(ToString::to_string),
        }
    };
}

options! {
    /// How long the data lives and who shares it.
    scope: Scope = |_| Scope::default(),
    /// What separates it from other live data.
    isolation: Isolation = |_| Isolation::default(),
    /// Whether personal data is masked.
    apply_masking: bool = |_| true,
    /// Which version of the definitions.
    version: VersionChoice = |_| VersionChoice::default(),
    /// What all random choice starts from.
    seed: u64 = |defaults| defaults.seed,
    /// The time that relative dates count from, which no generated instant exceeds unless asked.
    as_of: Instant = |defaults| defaults.as_of,
    /// Whether tests may write to data they share.
    writable: bool = |_| false,
    /// Whether the data stay behind the test, to be looked at.
    keep: Keep = |defaults| defaults.keep,
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
#[error("`{name}` must be {expected}")]
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
            ("seed", "-1", "`seed` must be a whole number from 0 on"),
            ("writable", "yes", "`writable` must be `true` or `false`"),
            ("volume", "some", "`volume` must be a number of rows, or `full`"),
            ("isolation", "none", "`isolation` must be `full`, `schema` or `transaction`"),
            ("version", "1.0", "`version` must be \"latest\" or a version such as \"v1.2.0\""),
        ] {
            let option = ContractOption::named(name).unwrap();
            let invalid = option.read(&mut contract, text).unwrap_err();
            assert_eq!(invalid.to_string(), message);
        }
        assert_eq!(contract, PartialContract::of(["users"]));
        assert!(ContractOption::named("sede").is_none());
    }
}
