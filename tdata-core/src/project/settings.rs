//! `tdata.toml`: what a project sets once for all tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::DeTable;

use super::command::{self, Command, Script};
use super::keys::KEYS;
use super::migration_folder::{self, MigrationFolder, MigrationLayout};
use super::reader::{Reader, origin};
use super::surroundings::{self, SessionSettings, Triggers};
use super::time_span::TimeSpan;
use crate::contract::Keep;
use crate::definition::Instant;
use crate::diagnostic::{Diagnostic, Diagnostics, Located, Source, words};

/// What a project sets once for all tests, in `tdata.toml`. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `definitions`: the folder of the definitions; by default `data_definitions`.
    pub definitions: Option<String>,
    /// `migrations`: the folders of the migrations that make the tables, with what `migrations_layout` and
    /// `migrations_table` say of them; by default none.
    pub migrations: Vec<MigrationFolder>,
    /// Whether `migrations` is said, if only that there are none.
    pub says_migrations: bool,
    /// `migration_placeholders`: what stands for flyway's placeholders, by name.
    pub migration_placeholders: BTreeMap<String, String>,
    /// `migrate_command`: the command that migrates, in place of `migrations`; by default none.
    pub migrate_command: Option<Located<Command>>,
    /// `migrate_inputs`: the files, folders and patterns that decide what commands do, from the project's folder on.
    /// Where there is a command it must be said, if only that there are none.
    pub migrate_inputs: Option<Vec<Located<String>>>,
    /// `before_migrations`: the scripts that run before the migrations.
    pub before_migrations: Vec<Script>,
    /// `after_migrations`: the scripts that run behind them.
    pub after_migrations: Vec<Script>,
    /// `migration_timeout`: how long each migration, script and command may take; by default five minutes.
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
    /// `triggers`: whether triggers fire while rows load; by default they do.
    pub triggers: Option<Triggers>,
    /// `session_settings`: what sessions set while rows load, and in tests.
    pub session_settings: SessionSettings,
    /// `seed`: what all random choice starts from.
    pub seed: Option<u64>,
    /// `as_of`: the time relative dates count from; by default 00:00 UTC of the day.
    pub as_of: Option<Instant>,
    /// `shards`: the URLs of the databases that `tdata provision` divides rows among; by default none.
    pub shards: Vec<Located<String>>,
}

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
        /// A server that tdata boots from programs that Cargo brings, with the feature `embedded`.
        Embedded = "embedded",
    }
}

impl ServerChoice {
    /// What is expected where it is written.
    pub const EXPECTED: &'static str = "auto, url, container, local or embedded";
}

impl Settings {
    /// Tells whether something makes tables and types beside the definitions. Only a database knows these. Who names what
    /// programs are made from has one, be it a function that no settings name.
    pub fn migrates(&self) -> bool {
        let scripts = [&self.before_migrations, &self.after_migrations];
        !self.migrations.is_empty()
            || self.migrate_command.is_some()
            || self.migrate_inputs.is_some()
            || scripts.iter().any(|scripts| !scripts.is_empty())
    }

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
        let (settings, mistakes) = Self::read(source)?;
        mistakes.into_result(settings)
    }

    /// Reads what of `tdata.toml` can be read, and what is wrong with the rest; fails where it is no TOML.
    pub(super) fn read(source: &Arc<Source>) -> Result<(Self, Diagnostics), Diagnostic> {
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
                "migrations" => {
                    settings.says_migrations = true;
                    settings.migrations = migration_folder::read(&mut reader);
                }
                "migrations_layout" => layout = reader.word(MigrationLayout::WORDS),
                "migrations_table" => history = reader.text(),
                "migration_placeholders" => settings.migration_placeholders = reader.texts(),
                "migrate_command" => settings.migrate_command = command::read(&mut reader),
                "migrate_inputs" => {
                    settings.migrate_inputs = Some(command::read_files(&mut reader));
                }
                "before_migrations" => {
                    settings.before_migrations = command::read_scripts(&mut reader);
                }
                "after_migrations" => {
                    settings.after_migrations = command::read_scripts(&mut reader);
                }
                "migration_timeout" => {
                    settings.migration_timeout = reader.parsed(TimeSpan::EXPECTED);
                }
                "server" => settings.server = reader.parsed(ServerChoice::EXPECTED),
                "keep_alive" => settings.keep_alive = reader.parsed(TimeSpan::EXPECTED),
                "keep" => settings.keep = reader.parsed(Keep::EXPECTED),
                "postgres_image" => settings.postgres_image = reader.text(),
                "superuser" => settings.superuser = reader.yes_or_no(),
                "triggers" => settings.triggers = reader.word(Triggers::WORDS),
                "session_settings" => settings.session_settings = surroundings::read(&mut reader),
                "seed" => settings.seed = reader.seed(),
                "as_of" => settings.as_of = reader.as_of(),
                "shards" => settings.shards = reader.urls(),
                _ => reader.unknown(KEYS),
            }
        }
        for folder in &mut settings.migrations {
            folder.layout = folder.layout.or(layout);
            folder.table = folder.table.take().or_else(|| history.clone());
        }
        if let Some(command) = settings.migrate_command.as_ref()
            && !settings.migrations.is_empty()
        {
            let message = "`migrate_command` and `migrations` each say how the project migrates";
            let help = "leave one of them out; what runs beside the migrations stands in \
                        `before_migrations` and `after_migrations`";
            let mistake = Diagnostic::new("settings::migrations", message);
            diagnostics.push(mistake.at(&command.origin).help(help));
        }
        Ok((settings, diagnostics))
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
            before_migrations = ["db/roles.sql", { command = ["./seed", "it"] }]
            after_migrations = "db/lookup.sql"
            migrate_inputs = ["seed", "db/*.csv"]
            migration_timeout = "30m"
            server = "local"
            keep_alive = "10m"
            keep = "on_failure"
            postgres_image = "postgres:18-alpine"
            superuser = false
            triggers = "off"
            session_settings = { timezone = "UTC" }
            seed = 7
            as_of = 2024-05-01
            shards = ["postgres://localhost/one", "@two.url"]
        "#;
        let settings = Settings::parse(&Source::new("tdata.toml", text)).unwrap();
        let folders =
            settings.migrations.iter().map(|MigrationFolder { folder, layout, table }| {
                (folder.as_str(), folder.origin.to_string(), *layout, table.as_deref())
            });
        let folder =
            |folder, layout, table| (folder, "tdata.toml:3".to_owned(), Some(layout), Some(table));
        assert_eq!(
            folders.collect::<Vec<_>>(),
            [
                folder("db/old", MigrationLayout::Sqlx, "ops.versions"),
                folder("db/new", MigrationLayout::Diesel, "done"),
            ]
        );
        assert_eq!(settings.migration_placeholders["owner"], "app");
        let scripts = |list: &[Script]| -> Vec<String> {
            let text = |script: &Script| match script {
                Script::File(file) => file.value.clone(),
                Script::Command(command) => format!("{:?}", command.value),
            };
            list.iter().map(text).collect()
        };
        assert_eq!(
            scripts(&settings.before_migrations),
            ["db/roles.sql", "Words([\"./seed\", \"it\"])"]
        );
        assert_eq!(scripts(&settings.after_migrations), ["db/lookup.sql"]);
        let inputs: Vec<(String, String)> = (settings.migrate_inputs.iter().flatten())
            .map(|input| (input.value.clone(), input.origin.to_string()))
            .collect();
        let at = "tdata.toml:9".to_owned();
        assert_eq!(inputs, [("seed".to_owned(), at.clone()), ("db/*.csv".to_owned(), at)]);
        assert_eq!(settings.server, Some(ServerChoice::Local));
        assert_eq!((settings.keep, settings.superuser), (Some(Keep::OnFailure), Some(false)));
        assert_eq!(settings.triggers, Some(Triggers::Off));
        assert_eq!(settings.session_settings.get("timezone"), Some("UTC"));
        assert_eq!(settings.keep_alive, "10m".parse().ok());
        assert_eq!(settings.migration_timeout, "30m".parse().ok());
        assert_eq!(settings.as_of, Some("2024-05-01".parse().unwrap()));
        let shards: Vec<&str> = settings.shards.iter().map(|url| url.value.as_str()).collect();
        assert_eq!(shards, ["postgres://localhost/one", "@two.url"]);
        assert_eq!(settings.shards[1].origin.to_string(), "tdata.toml:20");
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

    fn parse(text: &str) -> Result<Settings, Diagnostics> {
        Settings::parse(&Source::new("tdata.toml", text))
    }

    #[test]
    fn whatever_may_make_tables_migrates() {
        for text in [
            "migrations = \"db\"",
            "migrate_command = \"x\"",
            "migrate_inputs = []",
            "before_migrations = \"a.sql\"",
            "after_migrations = [{ command = \"x\" }]",
        ] {
            assert!(parse(text).unwrap().migrates(), "{text}");
        }
        assert!(!parse("migration_timeout = \"1m\"\nbefore_migrations = []").unwrap().migrates());
    }

    #[test]
    fn commands_are_lines_or_words() {
        let command = |text: &str| {
            let settings =
                parse(&format!("migrate_command = {text}\nmigrate_inputs = []")).unwrap();
            assert_eq!(settings.migrate_inputs, Some(Vec::new()));
            settings.migrate_command.unwrap().value
        };
        assert_eq!(command("\"cargo run | cat\""), Command::from("cargo run | cat"));
        assert_eq!(command("[\"cargo\", \"run\"]"), Command::from(["cargo", "run"]));
        for text in [
            "migrate_command = \"\"",
            "migrate_command = []",
            "migrate_command = [\"\", \"x\"]",
            "migrate_command = [\"x\", 1]",
            "migrate_command = true",
            "migrate_inputs = 1",
            "migrate_inputs = [\"a\", \"\"]",
            "before_migrations = [1]",
            "before_migrations = \"\"",
            "after_migrations = [{}]",
            "after_migrations = [{ comand = \"x\" }]",
            "after_migrations = { command = \"\" }",
            "migrations = \"db\"\nmigrate_command = \"x\"",
            "shards = [1]",
            "shards = [\"\"]",
        ] {
            let mistakes = parse(text).unwrap_err();
            assert_eq!(mistakes.len(), 1, "{text}: {mistakes}");
            let lines = text.lines().count();
            assert!(mistakes.to_string().contains(&format!("tdata.toml:{lines}:")), "{mistakes}");
        }
    }

    #[test]
    fn keys_in_a_section_belong_to_the_top() {
        let told = |text: &str| parse(text).unwrap_err().to_string();
        let text = told("server = \"local\"\n[tdata]\nmigrations = \"db\"\nseed = 1\n");
        assert!(text.contains("there is no setting `tdata`"), "{text}");
        let help = "keys stand at the top of tdata.toml: drop the line `[tdata]`";
        assert!(text.contains(help), "{text}");
        assert!(!told("[tdata]\nx = 1\n").contains("stand at the top"));
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
