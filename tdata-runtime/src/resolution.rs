//! What a contract stands for, as far as files and settings tell: its project, its definitions, its fingerprint.
//! No server is booted for it.

use std::path::Path;
use std::sync::Arc;

use tdata_core::contract::{Contract, Defaults, PartialContract, VersionChoice, Volume};
use tdata_core::definition::Files;
use tdata_core::diagnostic::{Diagnostic, Diagnostics};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{self, Catalog, Fingerprint, Plan};
use tdata_core::project::{Project, Surroundings};
use tdata_core::rows::Stored;
use tdata_factory::environment::Start;
use tdata_postgres::migrate::{MigrateError, Migrations};

use crate::config::Settled;
use crate::engine::Engine;
use crate::error::Error;
use crate::history;
use crate::isolate::Programs;
use crate::post_mortem::{TestId, replay};
use crate::read_files::ReadMigrations;

/// A contract, with the definitions that it is made of. No server is asked for it, and no migration is read.
///
/// ```no_run
/// use tdata_core::contract::PartialContract;
/// use tdata_runtime::{Config, Engine};
///
/// let engine = Engine::new(Config::new().project("shop").seed(7));
/// let resolved = engine.resolve(PartialContract::of(["users"]))?;
/// let plan = resolved.plan()?;
/// assert_eq!(plan.contract.seed, 7);
/// # Ok::<(), tdata_runtime::Error>(())
/// ```
#[derive(Debug)]
pub struct Resolved {
    /// The project that the definitions are of.
    pub project: Project,
    /// The contract: what nobody said has its default.
    pub contract: Contract,
    /// The definitions, of the version that the contract names.
    pub files: Arc<Files>,
    /// The key of its masks.
    pub mask_key: MaskKey,
    /// Whether something makes the project's tables beside its definitions.
    pub migrates: bool,
    /// What surrounds rows while they load, as the project's settings say.
    pub surroundings: Arc<Surroundings>,
}

impl Engine {
    /// Finds what a contract stands for, as far as files and settings tell: its project, its definitions, and what nobody
    /// said of it.
    ///
    /// # Errors
    ///
    /// If there is no project, its settings are wrong, or Git does not have the version. What is wrong with definitions is
    /// told when they are planned.
    pub fn resolve(&self, said: PartialContract) -> Result<Resolved, Error> {
        let config = self.config();
        let (project, mistakes) = Project::discover_partly(&config.project_folder())?;
        if !mistakes.is_empty() {
            return Err(beside_settings(mistakes, self, said, &project));
        }
        let settled = config.over(&project)?;
        let Start { seed, as_of } = settled.start;
        let contract = said.complete(Defaults { seed, as_of, keep: settled.keep });
        let files = files(self, &project, &contract)?;
        let migrates = config.migrates(&project);
        let (mask_key, surroundings) = (settled.mask_key, settled.surroundings);
        Ok(Resolved { project, contract, files, mask_key, migrates, surroundings })
    }

    /// Finds what surrounds rows while they load: what sessions set, and whether triggers fire.
    ///
    /// # Errors
    ///
    /// If there is no project, or its settings are wrong.
    pub fn surroundings(&self) -> Result<Surroundings, Error> {
        let project = Project::discover(&self.config().project_folder())?;
        Ok(Surroundings::clone(&self.config().over(&project)?.surroundings))
    }
}

/// What of a project was checked.
#[derive(Debug)]
pub struct Checked {
    /// How many definitions there are.
    pub definitions: usize,
    /// All that is wrong with these, and with the settings.
    pub mistakes: Diagnostics,
}

impl Engine {
    /// Checks a project's settings, its migrations as far as files tell, and all of its definitions in full volume. Where
    /// migrations make tables, what only these tell is left out.
    ///
    /// # Errors
    ///
    /// If there is no project, or nothing of its settings can be read.
    pub fn check(&self) -> Result<Checked, Error> {
        let config = self.config();
        let (project, mut mistakes) = Project::discover_partly(&config.project_folder())?;
        let settled = match config.over(&project) {
            Ok(settled) => settled,
            Err(wrong) => {
                mistakes.extend(wrong);
                return Ok(Checked { definitions: 0, mistakes });
            }
        };
        if let Err(error) = self.migrations(&config.migrations(&project, project.root())) {
            mistakes.extend(error.diagnostics());
        }
        let files = match self.files(&project) {
            Ok(files) => files,
            Err(wrong) => {
                mistakes.push(wrong);
                return Ok(Checked { definitions: 0, mistakes });
            }
        };
        let (library, key) = (files.library(), &settled.mask_key);
        let Start { seed, as_of } = settled.start;
        let defaults = Defaults { seed, as_of, keep: settled.keep };
        let mut contract = PartialContract::of(library.names()).complete(defaults);
        contract.volumes.every = Some(Volume::Full);
        mistakes.extend(match config.migrates(&project) {
            true => plan::mistakes_without_tables(&contract, library, key),
            false => {
                plan::plan(&contract, library, key, &Catalog::default()).err().unwrap_or_default()
            }
        });
        Ok(Checked { definitions: library.names().count(), mistakes })
    }
}

impl Resolved {
    /// Plans it by its definitions alone.
    ///
    /// # Errors
    ///
    /// All that is wrong, at once. Where migrations make the tables, some of it may be what only these tell.
    pub fn plan(&self) -> Result<Plan, Diagnostics> {
        let catalog = Catalog::default();
        let planned = plan::plan(&self.contract, self.files.library(), &self.mask_key, &catalog);
        planned.map_err(|mut mistakes| {
            if self.migrates {
                mistakes.push(by_definitions_alone());
            }
            mistakes
        })
    }

    /// Returns the fingerprint of its rows, as they are planned by definitions alone.
    ///
    /// # Errors
    ///
    /// The mistakes of the definitions by themselves.
    pub fn fingerprint(&self) -> Result<Fingerprint, Diagnostics> {
        let library = self.files.library();
        let datasets = self.contract.datasets.iter().map(String::as_str);
        let gathered = library.gather(datasets);
        let specs = gathered.mistakes.into_result(gathered.specs)?;
        Ok(plan::fingerprint(&self.contract, &specs, library, &Stored::new(), &self.mask_key, ""))
    }
}

/// Says what keeps rows from being planned where migrations make the tables.
fn by_definitions_alone() -> Diagnostic {
    let message =
        "this was planned by the definitions alone: no migration ran, and no database was asked";
    Diagnostic::new("plan::by_definitions_alone", message).help(
        "write into the definitions what only the tables tell: the types of columns, and definitions of the \
         datasets that are referenced",
    )
}

/// A contract, resolved as far as it takes to find its data.
#[derive(Debug)]
pub(crate) struct Resolution {
    pub(crate) contract: Contract,
    pub(crate) settled: Settled,
    pub(crate) files: Arc<Files>,
    pub(crate) migrations: Arc<Migrations>,
    pub(crate) programs: Programs,
    /// What stands for the migrations in fingerprints.
    pub(crate) schema: Arc<str>,
    pub(crate) fingerprint: Fingerprint,
    /// What stands for the fingerprint where no process of the server knows that yet.
    pub(crate) coarse: Option<Fingerprint>,
}

impl Resolution {
    /// Resolves what somebody says of a contract. `folder` is that of the project, or one below it; `id` is the
    /// test that asks, if one does: it may be a failed one that runs again on its data.
    pub(crate) fn of(
        engine: &Engine,
        said: PartialContract,
        folder: &Path,
        id: Option<&TestId>,
    ) -> Result<Self, Error> {
        let (mut project, mistakes) = Project::discover_partly(folder)?;
        if !mistakes.is_empty() {
            return Err(beside_settings(mistakes, engine, said, &project));
        }
        let home = project.root().to_owned();
        let mut settled = engine.config().over(&project)?;
        let replay = match (&engine.config().test_run.replay, id) {
            (Some(bundle), Some(id)) => replay(bundle, id)?,
            _ => None,
        };
        let said = match &replay {
            Some(replay) => {
                // The server is still that of the test's own project.
                project = Project::at(&replay.bundle)?;
                settled.surroundings = engine.config().over(&project)?.surroundings;
                replay.put_into(said)
            }
            None => said,
        };
        let Start { seed, as_of } = settled.start;
        let contract = said.complete(Defaults { seed, as_of, keep: settled.keep });
        let files = files(engine, &project, &contract)?;
        let ReadMigrations { migrations, digest: schema, touch_server } = engine
            .migrations(&engine.config().migrations(&project, &home))
            .map_err(|error| beside_definitions(error, &contract, &files, &settled.mask_key))?;
        if touch_server {
            settled.server.migrations = Some(plan::schema_fingerprint(&schema));
        }
        let migrates = !migrations.is_empty();
        let (fingerprint, coarse) =
            fingerprint(engine, &contract, &settled, &files, (&schema, migrates))?;
        if let Some(replay) = replay
            && let Some(difference) =
                replay.difference(&fingerprint, &settled.mask_key.id(), &migrations.program())
        {
            engine.config().notices_sink().say(difference);
        }
        let programs = Programs { folder: home, function: engine.config().function().cloned() };
        Ok(Self { contract, settled, files, migrations, programs, schema, fingerprint, coarse })
    }
}

/// Returns the definitions that a contract wants: the project's, or those of an earlier version.
fn files(
    engine: &Engine,
    project: &Project,
    contract: &Contract,
) -> Result<Arc<Files>, Diagnostics> {
    match contract.version {
        VersionChoice::Latest => Ok(engine.files(project)?),
        VersionChoice::Exact(version) => {
            let migrates = engine.config().migrates(project);
            Ok(Arc::new(history::library(project, &contract.datasets, version, migrates)?.into()))
        }
    }
}

/// Returns the fingerprint, and what stands for it where no process of the server knows it yet.
///
/// Where one does, no definition is parsed. Else all mistakes are told here, before a server is booted.
fn fingerprint(
    engine: &Engine,
    contract: &Contract,
    settled: &Settled,
    files: &Files,
    (schema, migrates): (&str, bool),
) -> Result<(Fingerprint, Option<Fingerprint>), Diagnostics> {
    let (mask_key, surroundings) = (&settled.mask_key, &settled.surroundings);
    // The library of an earlier version has no files that tell it from others.
    let coarse = (contract.version == VersionChoice::Latest)
        .then(|| plan::coarse_fingerprint(contract, files, mask_key, schema).within(surroundings));
    let known = coarse.and_then(|coarse| engine.running(&settled.server)?.fingerprint(coarse));
    if let Some(known) = known {
        return Ok((known, None));
    }
    let library = files.library();
    let specs = plan::check_early(contract, library, mask_key, migrates)?.specs;
    let fingerprint =
        plan::fingerprint(contract, &specs, library, &Stored::new(), mask_key, schema);
    Ok((fingerprint.within(surroundings), coarse))
}

/// Tells what is wrong with the settings together with what is wrong with definitions and contract, as far as that is
/// known without these settings.
fn beside_settings(
    mut mistakes: Diagnostics,
    engine: &Engine,
    said: PartialContract,
    project: &Project,
) -> Error {
    // The folder may be what the settings get wrong.
    if let Ok(settled) = engine.config().over(project)
        && let Ok(files) = project.files()
    {
        let Start { seed, as_of } = settled.start;
        let contract = said.complete(Defaults { seed, as_of, keep: settled.keep });
        // They may get wrong what makes tables, too.
        let files = files.beside_migrations(true);
        if contract.version == VersionChoice::Latest {
            let key = &settled.mask_key;
            mistakes.extend(plan::mistakes_without_tables(&contract, files.library(), key));
        }
    }
    mistakes.into()
}

/// Tells what is wrong with the migrations together with what is wrong with definitions and contract, where there is such.
fn beside_definitions(
    error: MigrateError,
    contract: &Contract,
    files: &Files,
    key: &MaskKey,
) -> Error {
    let mistakes = plan::mistakes_without_tables(contract, files.library(), key);
    if mistakes.is_empty() {
        return error.into();
    }
    let mut all = error.diagnostics();
    all.extend(mistakes);
    all.into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::config::Config;
    use crate::notice::Notices;

    const ITEMS: &str = "\
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: items }
spec:
  table: items
  volume: { count: 500 }
  fields:
    - { name: id, type: integer, generator: sequence }
";

    /// A project of its own, whose settings name a server that is not there.
    fn project(settings: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data_definitions")).unwrap();
        fs::write(folder.path().join("data_definitions/items.yaml"), ITEMS).unwrap();
        let settings = format!("postgres_image = \"nowhere/{}\"\n{settings}", std::process::id());
        fs::write(folder.path().join("tdata.toml"), settings).unwrap();
        folder
    }

    fn engine() -> Engine {
        Engine::new(Config::new().notices(Notices::none()))
    }

    fn resolved(project: &TempDir, said: PartialContract) -> Resolution {
        Resolution::of(&engine(), said, project.path(), None).unwrap()
    }

    #[test]
    fn what_is_said_wins_over_settings() {
        let project = project("seed = 5\nas_of = 2024-05-01\nkeep = \"on_failure\"");
        let contract = resolved(&project, PartialContract::of(["items"])).contract;
        assert_eq!((contract.seed, contract.keep.word()), (5, "on_failure"));
        assert_eq!(contract.as_of.to_string(), "2024-05-01T00:00:00Z");
        let said = PartialContract { seed: Some(7), ..PartialContract::of(["items"]) };
        assert_eq!(resolved(&project, said).contract.seed, 7);
    }

    #[test]
    fn a_folder_below_the_project_will_do() {
        let project = project("");
        let below = project.path().join("src");
        fs::create_dir(&below).unwrap();
        let resolution =
            Resolution::of(&engine(), PartialContract::of(["items"]), &below, None).unwrap();
        assert!(resolution.files.library().get("items").is_some());
    }

    #[test]
    fn rows_decide_the_fingerprint_and_how_they_are_lived_in_does_not() {
        let project = project("as_of = 2024-05-01");
        let usual = resolved(&project, PartialContract::of(["items"])).fingerprint;
        let of = |option: &str, value: &str| {
            let mut said = PartialContract::of(["items"]);
            let option = tdata_core::contract::ContractOption::named(option).unwrap();
            option.read(&mut said, value).unwrap();
            resolved(&project, said).fingerprint
        };
        for (option, value) in [("volume", "7"), ("seed", "7"), ("as_of", "2024-05-02")] {
            assert_ne!(of(option, value), usual, "{option}");
        }
        let others = [
            ("scope", "shared"),
            ("isolation", "schema"),
            ("writable", "true"),
            ("keep", "always"),
        ];
        for (option, value) in others {
            assert_eq!(of(option, value), usual, "{option}");
        }
    }

    #[test]
    fn migrations_are_part_of_the_fingerprint() {
        let project = project("as_of = 2024-05-01\nmigrations = \"migrations\"");
        let file = project.path().join("migrations/001_items.sql");
        fs::create_dir(file.parent().unwrap()).unwrap();
        let mut fingerprints = Vec::new();
        for sql in ["CREATE TABLE items (id int);", "CREATE TABLE items (id integer);"] {
            fs::write(&file, sql).unwrap();
            fingerprints.push(resolved(&project, PartialContract::of(["items"])).fingerprint);
        }
        assert_ne!(fingerprints[0], fingerprints[1]);
    }

    #[test]
    fn mistakes_of_settings_are_told_with_those_of_definitions() {
        let resolve = |settings: &str, definition: &str| {
            let project = project(settings);
            fs::write(project.path().join("data_definitions/items.yaml"), definition).unwrap();
            let said = PartialContract::of(["items"]);
            Resolution::of(&engine(), said, project.path(), None).unwrap_err().to_string()
        };
        let broken = ITEMS.replace("generator: sequence", "generator: squence");
        for settings in ["sede = 7", "as_of = 5\nmigratons = \"db\"", "migrations = 7"] {
            let lines = settings.lines().count();
            let told = resolve(settings, &broken);
            let count = format!("{} mistakes stand", lines + 1);
            assert!(told.starts_with(&count) && told.contains("`squence`"), "{told}");
            // Tables that definitions reference may be those of migrations.
            let child =
                format!("{ITEMS}  relationships:\n    - {{ foreignKey: a, references: b.id }}\n");
            let told = resolve(settings, &child);
            assert!(told.contains("tdata.toml") && !told.contains("items.yaml"), "{told}");
        }
        // Where the folder is not known, nothing is said of it.
        let told = resolve("definitions = 7", ITEMS);
        assert!(told.starts_with("a mistake stands") && told.contains("tdata.toml:2"), "{told}");
    }

    #[test]
    fn mistakes_of_migrations_are_told_with_those_of_definitions() {
        let broken = ITEMS.replace("generator: sequence", "generator: squence");
        let migrations: [(&[&str], &[&str]); 3] = [
            (&[], &["there is no folder `db`"]),
            (&["notes.txt"], &["holds no migrations"]),
            (
                &["1_a.up.sql", "1_b.up.sql", "2_a.up.sql", "2_b.up.sql"],
                &["1_b.up.sql", "2_b.up.sql"],
            ),
        ];
        for (files, told) in migrations {
            let project = project("migrations = \"db\"\nmigrations_layout = \"golang-migrate\"");
            for file in files {
                fs::create_dir_all(project.path().join("db")).unwrap();
                fs::write(project.path().join("db").join(file), "SELECT 1;").unwrap();
            }
            let error = || {
                let mut said = PartialContract::of(["items"]);
                said.volumes.by_dataset.insert("itmes".to_owned(), "5".parse().unwrap());
                Resolution::of(&engine(), said, project.path(), None).unwrap_err()
            };
            fs::write(project.path().join("data_definitions/items.yaml"), &broken).unwrap();
            let both = error();
            let text = both.to_string();
            for part in told.iter().chain(&["`squence`", "a volume is given for `itmes`"]) {
                assert!(text.contains(part), "{part} is missing in {text}");
            }
            assert!(both.diagnostics().is_some_and(|mistakes| mistakes.len() >= told.len() + 2));
        }
    }

    #[test]
    fn mistakes_are_told_without_a_server() {
        let project = project("");
        for (datasets, volumes, message) in [
            ("itmes", None, "there is no dataset `itmes`"),
            ("items", Some(("itmes", "5")), "itmes"),
        ] {
            let mut said = PartialContract::of([datasets]);
            if let Some((dataset, rows)) = volumes {
                said.volumes.by_dataset.insert(dataset.to_owned(), rows.parse().unwrap());
            }
            let error =
                Resolution::of(&engine(), said, project.path(), None).unwrap_err().to_string();
            assert!(error.contains(message) && error.contains("`items`"), "{error}");
        }
    }
}
