//! `tdata.toml`: what a project sets once for all tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::DeTable;

use super::migration_folder::{self, MigrationFolder, MigrationLayout};
use super::reader::{Reader, origin};
use super::time_span::TimeSpan;
use crate::contract::Keep;
use crate::definition::Instant;
use crate::diagnostic::{Diagnostic, Diagnostics, Source, words};

/// What a project sets once for all tests, in `tdata.toml`. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `definitions`: the folder of the definitions; by default `data_definitions`.
    pub definitions: Option<String>,
    /// `migrations`: the folders of the migrations that make the tables, with what `migrations_layout` and
    /// `migrations_table` say of them; by default none.
    pub migrations: Vec<MigrationFolder>,
    /// `migration_placeholders`: what stands for flyway's placeholders, by name.
    pub migration_placeholders: BTreeMap<String, String>,
    /// `migration_timeout`: how long each migration may take; by default five minutes.
    pub migration_timeout: Option<TimeSpan>,
    /// `server`: where the server comes from; by default the first that answers.
    pub server: Option<ServerChoice>,
    /// `keep_alive`: how long a server that tdata booted outlives the last process that used it; by
    /// default five seconds.
    pub keep_alive: Option<TimeSpan>,
    /// `keep`: whether a test's data stay behind it; by default never.
    pub keep: Option<Keep>,
    /// `postgres_image`: the container image; by default the current major's Alpine image.
    pub postgres_image: Option<String>,
    /// `superuser`: whether the role of tests is a superuser on servers that tdata boots; by default it is.
    pub superuser: Option<bool>,
    /// `seed`: what all random choice starts from.
    pub seed: Option<u64>,
    /// `as_of`: the time relative dates count from; by default 00:00 UTC of the day.
    pub as_of: Option<Instant>,
}

const KEYS: &[&str] = &[
    "definitions",
    "migrations",
    "migrations_layout",
    "migrations_table",
    "migration_placeholders",
    "migration_timeout",
    "server",
    "keep_alive",
    "keep",
    "postgres_image",
    "superuser",
    "seed",
    "as_of",
];

words! {
    /// Where the server comes from.
    ServerChoice {
        /// The first of the others that there is, in their order.
        #[default]
        Auto = "auto",
        /// A server that runs already, named by a URL.
        Url = "url",
        /// A container that tdata boots.
        Container = "container",
        /// A server that tdata boots from this machine's programs.
        Local = "local",
    }
}

impl Settings {
    /// Parses `tdata.toml`.
    ///
    /// # Errors
    ///
    /// Every mistake in it, each with its line.
    ///
    /// ```
    /// use tdata_core::diagnostic::Source;
    /// use tdata_core::project::Settings;
    ///
    /// let text = "migrations = \"db/migrations\"\nseed = 7\n";
    /// let settings = Settings::parse(&Source::new("tdata.toml", text)).unwrap();
    /// assert_eq!(settings.seed, Some(7));
    /// ```
    pub fn parse(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let table = DeTable::parse(source.text()).map_err(|error| {
            let range = error.span().unwrap_or(0..0);
            Diagnostic::new("settings::toml", "this is not valid TOML")
                .at(&origin(source, &range))
                .label(error.message().to_owned())
        })?;
        let mut settings = Self::default();
        let (mut layout, mut history) = (None, None);
        for (key, value) in table.get_ref() {
            let mut reader = Reader { source, key, value, diagnostics: &mut diagnostics };
            match key.get_ref().as_ref() {
                "definitions" => settings.definitions = reader.text(),
                "migrations" => settings.migrations = migration_folder::read(&mut reader),
                "migrations_layout" => layout = reader.word(MigrationLayout::WORDS),
                "migrations_table" => history = reader.text(),
                "migration_placeholders" => settings.migration_placeholders = reader.texts(),
                "migration_timeout" => {
                    settings.migration_timeout = reader.parsed(TimeSpan::EXPECTED);
                }
                "server" => settings.server = reader.parsed("auto, url, container or local"),
                "keep_alive" => settings.keep_alive = reader.parsed(TimeSpan::EXPECTED),
                "keep" => settings.keep = reader.parsed(Keep::EXPECTED),
                "postgres_image" => settings.postgres_image = reader.text(),
                "superuser" => settings.superuser = reader.yes_or_no(),
                "seed" => settings.seed = reader.seed(),
                "as_of" => settings.as_of = reader.as_of(),
                _ => reader.unknown(KEYS),
            }
        }
        for folder in &mut settings.migrations {
            folder.layout = folder.layout.or(layout);
            folder.table = folder.table.take().or_else(|| history.clone());
        }
        diagnostics.into_result(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_are_read() {
        let text = r#"
            definitions = "defs"
            migrations = ["db/old", { folder = "db/new", layout = "diesel", table = "done" }]
            migrations_layout = "sqlx"
            migrations_table = "ops.versions"
            migration_placeholders = { owner = "app" }
            migration_timeout = "30m"
            server = "local"
            keep_alive = "10m"
            keep = "on_failure"
            postgres_image = "postgres:18-alpine"
            superuser = false
            seed = 7
            as_of = 2024-05-01
        "#;
        let settings = Settings::parse(&Source::new("tdata.toml", text)).unwrap();
        let folder = |folder: &str, layout, table: &str| MigrationFolder {
            folder: folder.to_owned(),
            layout: Some(layout),
            table: Some(table.to_owned()),
        };
        let folders = [
            folder("db/old", MigrationLayout::Sqlx, "ops.versions"),
            folder("db/new", MigrationLayout::Diesel, "done"),
        ];
        assert_eq!(settings.migrations, folders);
        assert_eq!(settings.migration_placeholders["owner"], "app");
        assert_eq!(settings.server, Some(ServerChoice::Local));
        assert_eq!((settings.keep, settings.superuser), (Some(Keep::OnFailure), Some(false)));
        assert_eq!(settings.keep_alive, "10m".parse().ok());
        assert_eq!(settings.migration_timeout, "30m".parse().ok());
        assert_eq!(settings.as_of, Some("2024-05-01".parse().unwrap()));
    }

    #[test]
    fn seeds_are_read_in_every_base_of_toml() {
        for (text, seed) in [
            ("0x10", Some(16)),
            ("0o17", Some(15)),
            ("0b101", Some(5)),
            ("1_000", Some(1000)),
            ("+7", Some(7)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("-1", None),
            ("1.5", None),
        ] {
            let settings = Settings::parse(&Source::new("tdata.toml", format!("seed = {text}")));
            assert_eq!(settings.ok().and_then(|settings| settings.seed), seed, "{text}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let text = "sede = 7\nserver = \"docker\"\nas_of = 5\nmigrations_layout = \"sqlxx\"\n\
                    migrations = [7, { folder = \"a\", layot = 1 }, { layout = \"disel\" }]\n";
        let mistakes = Settings::parse(&Source::new("tdata.toml", text)).unwrap_err();
        let text = mistakes.to_string();
        assert_eq!(mistakes.len(), 8, "{text}");
        for meant in ["seed", "sqlx", "layout", "diesel"] {
            assert!(text.contains(&format!("did you mean `{meant}`?")), "{text}");
        }
    }
}
