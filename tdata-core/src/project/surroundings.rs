//! What surrounds rows while they load: what sessions set, and whether triggers fire.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::keys::KEYS;
use super::reader::Reader;
use crate::diagnostic::{Diagnostic, Located, Origin, words};

words! {
    /// Whether the triggers of a project's tables fire while tdata loads rows.
    Triggers {
        /// They fire, as for any other row.
        #[default]
        On = "on",
        /// They rest, and are as they were when the rows are there.
        Off = "off",
    }
}

/// What surrounds rows while they load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether triggers fire.
    pub triggers: Triggers,
    /// What sessions set.
    pub session: SessionSettings,
}

impl Surroundings {
    /// Tells all that rows depend on, part by part; nothing where all is as usual.
    pub(crate) fn contents(&self, add: &mut dyn FnMut(&str)) {
        if self.triggers != Triggers::default() {
            add("triggers");
            add(self.triggers.word());
        }
        for (name, value) in self.session.iter() {
            add("session setting");
            add(name);
            add(value);
        }
    }
}

/// PostgreSQL's settings that the sessions of a project have, by name: while rows load, and in tests.
///
/// ```
/// use tdata_core::diagnostic::Origin;
/// use tdata_core::project::SessionSettings;
///
/// let mut settings = SessionSettings::default();
/// settings.set("app.tenant", "1", Origin::named("the program")).unwrap();
/// assert_eq!(settings.get("App.Tenant"), Some("1"));
/// assert!(settings.set("app.", "1", Origin::named("the program")).is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionSettings(BTreeMap<String, Located<String>>);

impl SessionSettings {
    /// Sets one. Names are taken as PostgreSQL takes them, whatever their case.
    ///
    /// # Errors
    ///
    /// If it is no name of a setting, or the value no text that PostgreSQL takes.
    pub fn set(&mut self, name: &str, value: &str, origin: Origin) -> Result<(), Diagnostic> {
        let mistake = |message: String| Diagnostic::new("settings::session", message).at(&origin);
        if !name.split('.').all(is_word) {
            let message = format!("`{name}` is no name of a setting of PostgreSQL");
            let help = "write the name of one, such as timezone, or one of your own, such as app.tenant: words of \
                        letters, digits and _ with points between them";
            return Err(mistake(message).help(help));
        }
        if name.eq_ignore_ascii_case("session_authorization") {
            let message = format!("`{name}` is who connects, and cannot be set");
            return Err(mistake(message).help("set `role` to let tests act as another role"));
        }
        if value.contains('\0') {
            return Err(mistake(format!("the value of `{name}` holds the character NUL")));
        }
        let value = Located { value: value.to_owned(), origin };
        self.0.insert(name.to_ascii_lowercase(), value);
        Ok(())
    }

    /// Takes over those of another project or program; they win.
    pub fn extend(&mut self, others: &Self) {
        let others = others.0.iter().map(|(name, value)| (name.clone(), value.clone()));
        self.0.extend(others);
    }

    /// Returns the value of one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_ascii_lowercase()).map(|value| value.value.as_str())
    }

    /// Returns where one is set.
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        self.0.get(&name.to_ascii_lowercase()).map(|value| &value.origin)
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns names, in lower case, and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.value.as_str()))
    }
}

fn is_word(word: &str) -> bool {
    let mut signs = word.chars();
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
    signs.next().is_some_and(starts)
        && signs.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
}

/// Reads a table of them. `app.tenant = "1"` without quotes is a table within the table, and means the same.
pub(super) fn read(reader: &mut Reader<'_, '_>) -> SessionSettings {
    let mut settings = SessionSettings::default();
    match reader.value.get_ref().as_table() {
        Some(_) => read_table(reader, "", &mut settings),
        None => reader
            .invalid("a table of texts, such as { timezone = \"UTC\", \"app.tenant\" = \"1\" }"),
    }
    settings
}

fn read_table(reader: &mut Reader<'_, '_>, before: &str, settings: &mut SessionSettings) {
    let DeValue::Table(table) = reader.value.get_ref() else { return };
    for (key, value) in table {
        let name = format!("{before}{}", key.get_ref());
        let mut inner = reader.inner(key, value);
        let is_table = value.get_ref().is_table();
        // PostgreSQL has a setting of that name.
        let is_setting = is_table || name == "seed" && value.get_ref().is_str();
        if KEYS.contains(&&*name) && !is_setting {
            let message = format!("`{name}` is a key of tdata.toml, and no setting of a session");
            let help = "write it above the table [session_settings]: what stands behind belongs to the table";
            let mistake = Diagnostic::new("settings::session", message);
            inner.diagnostics.push(mistake.at(&inner.origin_of_key()).help(help));
        } else if is_table {
            read_table(&mut inner, &format!("{name}."), settings);
        } else if let Some(text) = inner.text() {
            let set = settings.set(&name, &text, inner.origin_of_key());
            if let Err(mistake) = set {
                inner.diagnostics.push(mistake);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Source;
    use crate::project::Settings;

    #[test]
    fn names_with_points_are_read_with_quotes_and_without() {
        let text = "[session_settings]\n\"app.tenant\" = \"1\"\napp.user.name = \"Ada\"\nTimeZone = \"UTC\"\n";
        let settings = Settings::parse(&Source::new("tdata.toml", text)).unwrap().session_settings;
        let all: Vec<_> = settings.iter().collect();
        assert_eq!(all, [("app.tenant", "1"), ("app.user.name", "Ada"), ("timezone", "UTC")]);
        assert_eq!(settings.origin("app.user.name").unwrap().to_string(), "tdata.toml:3");
    }

    #[test]
    fn all_mistakes_have_their_place() {
        let text = "[session_settings]\n\"app tenant\" = \"1\"\ntimezone = 1\n\"app.\" = \"1\"\n\
                    session_authorization = \"app\"\n\"a.b\" = \"\\u0000\"\n";
        let mistakes = Settings::parse(&Source::new("tdata.toml", text)).unwrap_err();
        let told = mistakes.to_string();
        assert_eq!(mistakes.len(), 5, "{told}");
        for line in 2..=6 {
            assert!(told.contains(&format!("tdata.toml:{line}:")), "{line}: {told}");
        }
        let text = "[session_settings]\ntimezone = \"UTC\"\nseed = 7\nsuperuser = \"x\"\n";
        let told = Settings::parse(&Source::new("tdata.toml", text)).unwrap_err().to_string();
        for part in ["`seed` is a key of tdata.toml", "`superuser` is a key", "write it above"] {
            assert!(told.contains(part), "{told}");
        }
        // Settings of the project's own may begin as a key of ours.
        let text = "[session_settings]\nserver.name = \"a\"\n\"keep.all\" = \"b\"\n";
        Settings::parse(&Source::new("tdata.toml", text)).unwrap();
        let mistakes =
            Settings::parse(&Source::new("tdata.toml", "session_settings = \"a\"")).unwrap_err();
        assert!(mistakes.to_string().contains("a table of texts"), "{mistakes}");
    }
}
