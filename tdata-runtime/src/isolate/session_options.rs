//! What a project sets for sessions, as options of connections.

use tdata_core::project::SessionSettings;
use tdata_postgres::option;

use crate::server::{in_transaction, keeps};

/// What a project sets for sessions, as options of connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionOptions {
    /// For connections of tests.
    pub(super) of_tests: String,
    /// For those that load rows and look at them: without what these set themselves.
    pub(super) of_own: String,
    /// Statements with which a transaction of tests' connections loads rows as those do.
    pub(super) to_load: String,
}

impl SessionOptions {
    pub(super) fn of(settings: &SessionSettings) -> Self {
        let own = settings.iter().filter(|(name, _)| !keeps(name));
        Self {
            of_tests: settings.iter().map(|(name, value)| option(name, value)).collect(),
            of_own: own.map(|(name, value)| option(name, value)).collect(),
            to_load: in_transaction(|name| {
                settings.iter().any(|(set, _)| set.eq_ignore_ascii_case(name))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use tdata_core::diagnostic::Origin;

    use super::*;

    #[test]
    fn what_decides_how_rows_are_read_stays_as_it_is() {
        let mut settings = SessionSettings::default();
        for (name, value) in
            [("App.user", "Ada L"), ("DateStyle", "German"), ("role", "app"), ("timezone", "UTC")]
        {
            settings.set(name, value, Origin::named("here")).unwrap();
        }
        let options = SessionOptions::of(&settings);
        assert_eq!(
            options.of_tests,
            r" -c app.user=Ada\ L -c datestyle=German -c role=app -c timezone=UTC"
        );
        assert_eq!(options.of_own, r" -c app.user=Ada\ L -c timezone=UTC");
        let of_dates = "SET LOCAL DateStyle = 'ISO,MDY';";
        assert!(options.to_load.contains(of_dates) && !options.to_load.contains("TimeZone"));
        let usual = SessionOptions::of(&SessionSettings::default()).to_load;
        assert!(usual.contains("SET LOCAL TimeZone = 'UTC';") && !usual.contains("role"));
    }
}
