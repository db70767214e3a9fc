//! `contract.toml`: what a test ran on, written and read.

use std::fmt::Write as _;

use tdata_core::contract::{ContractOption, OPTIONS, PartialContract, Volume};
use toml::de::{DeTable, DeValue};

use super::json::text;
use super::test_id::TestId;
use crate::inject::TestData;

/// Its name in a bundle.
pub(super) const NAME: &str = "contract.toml";

/// The options that rows are made of; the others are there to be looked at.
const OF_ROWS: &[&str] = &["apply_masking", "seed", "as_of"];

/// What the file says of the data.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ContractFile {
    /// What determines the rows, and nothing else.
    pub(super) contract: PartialContract,
    /// The masking key's name.
    pub(super) masking_key: String,
    pub(super) fingerprint: String,
    /// What stands for the programs that migrated; nothing where there was none.
    pub(super) program: String,
    /// The version of tdata that wrote it.
    pub(super) tdata: String,
}

/// Writes the contract as it was completed, and what else the values depend on.
pub(super) fn write(id: &TestId, data: &TestData) -> String {
    let (recipe, server) = (data.recipe(), data.server());
    let attempt = recipe.attempt.map(|attempt| format!("attempt = {attempt}\n"));
    let volumes: String = (data.counts().iter())
        .map(|(dataset, rows)| format!("{} = {rows}\n", text(dataset)))
        .collect();
    format!(
        "# What a test ran on when it failed. Its data come again with TDATA_REPLAY=<this folder>.\n\
         package = {}\ntarget = {}\ntest = {}\n{}\n{}\n\
         # The masking key's name, which does not tell the key.\n\
         masking_key = \"{}\"\nfingerprint = \"{}\"\n{}tdata = \"{}\"\npostgresql = {}\nserver = \"{}\"\n\n\
         # The rows of every dataset, of those that relationships brought along too.\n[volumes]\n{volumes}",
        text(&id.package),
        text(&id.target),
        text(&id.test),
        attempt.unwrap_or_default(),
        options(&recipe.contract.clone().into()),
        recipe.mask_key.id(),
        recipe.fingerprint,
        program(&recipe.migrations.program()),
        env!("CARGO_PKG_VERSION"),
        server.version(),
        server.source(),
    )
}

/// Says which programs migrated: they are not in the bundle.
fn program(digest: &str) -> String {
    match digest {
        "" => String::new(),
        digest => format!(
            "# The program that migrated, which is not here but in the project.\nprogram = \"{digest}\"\n"
        ),
    }
}

/// Writes datasets and options; the rows of every dataset stand in a table of their own.
fn options(contract: &PartialContract) -> String {
    let datasets: Vec<String> = contract.datasets.iter().map(|name| text(name)).collect();
    let mut lines = format!("datasets = [{}]\n", datasets.join(", "));
    for option in OPTIONS.iter().filter(|option| option.name != "volume") {
        if let Some(value) = option.write(contract) {
            // Writing to a text does not fail.
            let _ = writeln!(lines, "{} = {}", option.name, option.form.quoted(&value));
        }
    }
    lines
}

/// Reads the file; `None` where it is of another test. An error says what is wrong with it.
pub(super) fn read(file: &str, id: &TestId) -> Result<Option<ContractFile>, String> {
    let table =
        DeTable::parse(file).map_err(|error| format!("{NAME}: {}", error.message()))?.into_inner();
    contents(&Keys(table), id).map_err(|key| format!("{NAME} has no `{key}` to go by"))
}

fn contents(keys: &Keys<'_>, id: &TestId) -> Result<Option<ContractFile>, &'static str> {
    let (package, target, test) = (keys.text("package")?, keys.text("target")?, keys.text("test")?);
    if !id.is(package, target, test) {
        return Ok(None);
    }
    let datasets: Vec<String> = keys.value("datasets", |value| {
        let names = value.as_array()?.iter();
        names.map(|name| name.get_ref().as_str().map(str::to_owned)).collect()
    })?;
    let volumes = keys.value("volumes", |value| {
        let volumes = value.as_table()?.iter();
        let rows = |value: &DeValue<'_>| written(value)?.parse().ok().map(Volume::Rows);
        volumes
            .map(|(name, value)| Some((name.get_ref().to_string(), rows(value.get_ref())?)))
            .collect()
    })?;
    let mut contract = PartialContract::of(datasets);
    contract.volumes.by_dataset = volumes;
    for name in OF_ROWS {
        keys.value(name, |value| {
            ContractOption::named(name)?.read(&mut contract, &written(value)?).ok()
        })?;
    }
    Ok(Some(ContractFile {
        contract,
        masking_key: keys.text("masking_key")?.to_owned(),
        fingerprint: keys.text("fingerprint")?.to_owned(),
        program: keys.text("program").unwrap_or_default().to_owned(),
        tdata: keys.text("tdata")?.to_owned(),
    }))
}

/// Returns a value as the text that options are read from.
fn written(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        _ => None,
    }
}

/// The keys of the file; an error is the key that is missing or malformed.
struct Keys<'text>(DeTable<'text>);

impl<'text> Keys<'text> {
    fn value<'a, T>(
        &'a self,
        key: &'static str,
        read: impl FnOnce(&'a DeValue<'text>) -> Option<T>,
    ) -> Result<T, &'static str> {
        self.0.get(key).and_then(|value| read(value.get_ref())).ok_or(key)
    }

    fn text(&self, key: &'static str) -> Result<&str, &'static str> {
        self.value(key, DeValue::as_str)
    }
}

#[cfg(test)]
mod tests {
    use tdata_core::contract::{Contract, Scope, VersionChoice, Volumes};

    use super::*;

    const HEAD: &str = "package = \"shop\"\ntarget = \"checkout\"\ntest = \"pays\"\n";
    const TAIL: &str = "masking_key = \"k\"\nfingerprint = \"f\"\ntdata = \"0.1.0\"\n\
                        [volumes]\n\"orders\" = 20\n\"users\" = 5\n";

    fn contract() -> PartialContract {
        let as_of = "2024-05-01T12:00:00Z".parse().unwrap();
        let volumes = [("orders", 20), ("users", 5)];
        PartialContract {
            volumes: Volumes {
                every: None,
                by_dataset: volumes
                    .map(|(name, rows)| (name.to_owned(), Volume::Rows(rows)))
                    .into(),
            },
            apply_masking: Some(false),
            seed: Some(u64::MAX),
            as_of: Some(as_of),
            ..PartialContract::of(["orders"])
        }
    }

    fn read_of(text: &str, test: &str) -> Result<Option<ContractFile>, String> {
        read(text, &TestId::of_shop("checkout", test, true))
    }

    #[test]
    fn what_rows_are_made_of_is_read_again() {
        let said = PartialContract {
            scope: Some(Scope::Shared),
            version: Some(VersionChoice::Latest),
            writable: Some(true),
            ..contract()
        };
        let file = read_of(&format!("{HEAD}{}{TAIL}", options(&said)), "pays").unwrap().unwrap();
        assert_eq!(file.contract, contract());
        assert_eq!((&*file.masking_key, &*file.fingerprint, &*file.tdata), ("k", "f", "0.1.0"));
    }

    #[test]
    fn every_option_is_written_once() {
        let contract = Contract::new(["users", "orders"], "2024-05-01".parse().unwrap());
        let expected = "datasets = [\"users\", \"orders\"]\nscope = \"test_case\"\n\
                        isolation = \"full\"\napply_masking = true\nversion = \"latest\"\nseed = 42\n\
                        as_of = \"2024-05-01T00:00:00Z\"\nwritable = false\nkeep = \"never\"\n";
        assert_eq!(options(&contract.into()), expected);
    }

    #[test]
    fn a_bundle_is_for_its_own_test() {
        assert_eq!(read_of(&format!("{HEAD}{}{TAIL}", options(&contract())), "refunds"), Ok(None));
    }

    #[test]
    fn what_is_missing_is_told_by_its_key() {
        let whole = format!("{HEAD}{}{TAIL}", options(&contract()));
        for (text, told) in [
            ("seed = ", "contract.toml: "),
            ("seed = 1", "has no `package` to go by"),
            (&whole.replace("seed", "sede"), "has no `seed` to go by"),
            (&whole.replace("= 20", "= -1"), "has no `volumes` to go by"),
            (&whole.replace("\"2024", "\"yesterday"), "has no `as_of` to go by"),
        ] {
            let error = read_of(text, "pays").unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
