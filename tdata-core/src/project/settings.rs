//! `tdata.toml`: what a project sets once for all tests.

use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::time_span::TimeSpan;
use crate::contract::Keep;
use crate::definition::Instant;
use crate::diagnostic::{Diagnostic, Diagnostics, Origin, Source, Span, words};

/// What a project sets once for all tests, in `tdata.toml`. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `definitions`: the folder of the definitions; by default `data_definitions`.
    pub definitions: Option<String>,
    /// `migrations`: the folder of the migrations that make the tables; by default none.
    pub migrations: Option<String>,
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
        for (key, value) in table.get_ref() {
            let mut reader = Reader { source, key, value, diagnostics: &mut diagnostics };
            match key.get_ref().as_ref() {
                "definitions" => settings.definitions = reader.text(),
                "migrations" => settings.migrations = reader.text(),
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
                _ => reader.unknown(),
            }
        }
        diagnostics.into_result(settings)
    }
}

struct Reader<'a, 'text> {
    source: &'a Arc<Source>,
    key: &'a Spanned<std::borrow::Cow<'text, str>>,
    value: &'a Spanned<DeValue<'text>>,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_, '_> {
    fn invalid(&mut self, expected: &str) {
        let range = self.value.span();
        let message = format!("`{}` is {expected}", self.key.get_ref());
        let origin = origin(self.source, &range);
        self.diagnostics.push(Diagnostic::new("settings::value", message).at(&origin));
    }

    fn unknown(&mut self) {
        let range = self.key.span();
        let origin = origin(self.source, &range);
        let message = format!("there is no setting `{}`", self.key.get_ref());
        self.diagnostics.push(
            Diagnostic::new("settings::unknown_key", message)
                .at(&origin)
                .did_you_mean(self.key.get_ref(), KEYS.iter().copied()),
        );
    }

    fn text(&mut self) -> Option<String> {
        let text = self.value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.invalid("a text in quotes");
        }
        text
    }

    fn parsed<T: FromStr>(&mut self, expected: &str) -> Option<T> {
        let parsed = self.value.get_ref().as_str().and_then(|text| text.parse().ok());
        if parsed.is_none() {
            self.invalid(expected);
        }
        parsed
    }

    fn yes_or_no(&mut self) -> Option<bool> {
        let value = self.value.get_ref().as_bool();
        if value.is_none() {
            self.invalid("true or false");
        }
        value
    }

    fn seed(&mut self) -> Option<u64> {
        // TOML writes whole numbers in other bases too: `0x10` is 16.
        let number = self.value.get_ref().as_integer();
        let seed =
            number.and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
        if seed.is_none() {
            self.invalid("a whole number from 0 on");
        }
        seed
    }

    fn as_of(&mut self) -> Option<Instant> {
        let text = match self.value.get_ref() {
            DeValue::Datetime(datetime) => Some(datetime.to_string()),
            value => value.as_str().map(str::to_owned),
        };
        let as_of = text.and_then(|text| text.parse().ok());
        if as_of.is_none() {
            self.invalid("a date such as 2024-05-01, or an RFC 3339 time");
        }
        as_of
    }
}

fn origin(source: &Arc<Source>, range: &Range<usize>) -> Origin {
    Origin::in_text(source, Span { start: range.start, end: range.end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_are_read() {
        let text = r#"
            definitions = "defs"
            migrations = "migrations"
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
        let text = "sede = 7\nserver = \"docker\"\nas_of = 5\n";
        let mistakes = Settings::parse(&Source::new("tdata.toml", text)).unwrap_err();
        let text = mistakes.to_string();
        assert_eq!(mistakes.len(), 3, "{text}");
        assert!(text.contains("did you mean `seed`?"), "{text}");
    }
}
