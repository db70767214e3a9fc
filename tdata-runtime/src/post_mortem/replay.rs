//! A test's data again, from its bundle.

use std::path::{Path, PathBuf};

use tdata_core::contract::{PartialContract, VersionChoice};
use tdata_core::diagnostic::Diagnostic;
use tdata_core::plan::Fingerprint;

use super::contract_file::{self, ContractFile};
use super::test_id::TestId;

/// What a bundle says of the data that its test ran on.
#[derive(Debug)]
pub(crate) struct Replay {
    /// The bundle, which is a project.
    pub(crate) bundle: PathBuf,
    file: ContractFile,
}

/// Reads a bundle; `None` where it is of another test.
pub(crate) fn replay(bundle: &Path, id: &TestId) -> Result<Option<Replay>, Diagnostic> {
    let wrong = |reason: String| {
        let message = format!(
            "TDATA_REPLAY names {}, which is no bundle that can be read: {reason}",
            bundle.display()
        );
        Diagnostic::new("replay::unreadable", message)
            .help("name the folder that a failing test says it wrote, or unset TDATA_REPLAY")
    };
    let text = std::fs::read_to_string(bundle.join(contract_file::NAME))
        .map_err(|error| wrong(format!("{}: {error}", contract_file::NAME)))?;
    let file = contract_file::read(&text, id).map_err(wrong)?;
    Ok(file.map(|file| Replay { bundle: bundle.to_owned(), file }))
}

impl Replay {
    /// Asks for the data of the bundle. How they are lived in is for the test to say, as ever.
    pub(crate) fn put_into(&self, said: PartialContract) -> PartialContract {
        let of_bundle = self.file.contract.clone();
        PartialContract {
            scope: said.scope,
            isolation: said.isolation,
            writable: said.writable,
            keep: said.keep,
            // The bundle holds the definitions of that version.
            version: Some(VersionChoice::Latest),
            ..of_bundle
        }
    }

    /// Tells why the data differ from those of the bundle, where they do.
    pub(crate) fn difference(
        &self,
        fingerprint: &Fingerprint,
        masking_key: &str,
        program: &str,
    ) -> Option<String> {
        let ContractFile { contract, masking_key: key_then, fingerprint: then, tdata, .. } =
            &self.file;
        if *then == fingerprint.to_string() {
            return None;
        }
        if self.file.program != program {
            return Some(
                "the data may differ from those of the failure: a program migrates, and it is another than then. \
                 Check out the commit of that time to have it again"
                    .to_owned(),
            );
        }
        let moved = match program {
            "" => "",
            _ => ", or the project was in another folder then",
        };
        Some(match contract.apply_masking == Some(true) && key_then != masking_key {
            true => "masked values differ from those of the failure: TDATA_MASK_KEY was another \
                     key then"
                .to_owned(),
            false => format!(
                "the data may differ from those of the failure: the bundle was changed, or tdata {} \
                 makes other values than {tdata} did{moved}",
                env!("CARGO_PKG_VERSION"),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tdata_core::contract::{Keep, Scope, Volume, Volumes};

    use super::*;

    const TEXT: &str = "package = \"shop\"\ntarget = \"checkout\"\ntest = \"pays\"\n\
                        datasets = [\"orders\"]\nscope = \"test_case\"\nkeep = \"never\"\n\
                        apply_masking = false\nseed = 7\nas_of = \"2024-05-01T00:00:00Z\"\n\
                        masking_key = \"k\"\nfingerprint = \"f\"\ntdata = \"0.1.0\"\n\
                        [volumes]\n\"orders\" = 20\n";

    fn read(text: &str) -> Result<Option<Replay>, Diagnostic> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(contract_file::NAME), text).unwrap();
        replay(folder.path(), &TestId::of_shop("checkout", "pays", true))
    }

    #[test]
    fn rows_are_the_bundles_and_the_rest_is_the_tests() {
        let said = PartialContract {
            volumes: Volumes { every: Some(Volume::Full), ..Volumes::default() },
            scope: Some(Scope::Shared),
            version: Some("v1.2.0".parse().unwrap()),
            seed: Some(5),
            keep: Some(Keep::Always),
            ..PartialContract::of(["users"])
        };
        let contract = read(TEXT).unwrap().unwrap().put_into(said);
        let expected = PartialContract {
            volumes: Volumes {
                every: None,
                by_dataset: [("orders".to_owned(), Volume::Rows(20))].into(),
            },
            scope: Some(Scope::Shared),
            apply_masking: Some(false),
            version: Some(VersionChoice::Latest),
            seed: Some(7),
            as_of: Some("2024-05-01".parse().unwrap()),
            keep: Some(Keep::Always),
            ..PartialContract::of(["orders"])
        };
        assert_eq!(contract, expected);
    }

    #[test]
    fn what_is_no_bundle_is_told_with_what_to_do() {
        let error = read("seed = 1").unwrap_err();
        assert!(error.message().contains("contract.toml has no `package` to go by"), "{error}");
        assert!(error.to_string().contains("unset TDATA_REPLAY"), "{error}");
    }
}
