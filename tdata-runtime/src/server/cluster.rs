//! What all databases of a server have in common: roles, memberships, settings, tablespaces and the like. A test that
//! changes any of it changes it for all tests.

use postgres::Client;
use postgres::types::Type;
use tdata_postgres::Refusal;

use super::running::Server;
use super::session_id::NAME_PATTERN;
use crate::notation::{noted, noted_variants};

/// What all databases of a server have in common: each thing as messages call it, with what changes when it does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cluster {
    things: Vec<(String, String)>,
}

/// How much of a [`Cluster`] a role may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// Nothing is looked at: the server is not ours.
    Nothing,
    /// What everybody sees.
    Ordinary,
    /// All of it.
    Superuser,
}

noted_variants! { View { Nothing, Ordinary, Superuser } }

/// The catalogs that all databases have in common, that everybody sees, and that are looked at as a whole. In the others
/// only some rows matter.
const CATALOGS: &[&str] =
    &["pg_auth_members", "pg_tablespace", "pg_replication_origin", "pg_shdescription"];

/// Those of them that only superusers see.
const HIDDEN: &[&str] = &["pg_authid", "pg_subscription"];

impl View {
    /// Changes whenever a [`Cluster`] may have changed, as a part of another query. It is cheap: the catalogs have few
    /// rows, and each row tells the transaction that wrote it. Of those that a role may not see the changes are counted,
    /// also those that were rolled back.
    pub(crate) fn signal(self) -> String {
        let rows = |catalog: &&str| {
            format!("(SELECT concat(count(*), '.', sum(xmin::text::int8)) FROM {catalog})")
        };
        let counts = |catalog: &&str| {
            let count =
                |what: &str| format!("pg_stat_get_tuples_{what}('pg_catalog.{catalog}'::regclass)");
            ["inserted", "updated", "deleted"].map(count).join(", ")
        };
        let hidden: Vec<String> = match self {
            Self::Nothing => return "''".to_owned(),
            Self::Ordinary => HIDDEN.iter().map(counts).collect(),
            Self::Superuser => HIDDEN.iter().map(rows).chain([SETTINGS.to_owned()]).collect(),
        };
        let seen: Vec<String> = CATALOGS.iter().map(rows).collect();
        format!(
            "(SELECT concat_ws(' ', {}, {}, \
               (SELECT concat(count(*), '.', sum(s.xmin::text::int8)) FROM pg_db_role_setting s \
                LEFT JOIN pg_database d ON d.oid = setdatabase WHERE datname IS NULL OR datname !~ '{NAME_PATTERN}'), \
               (SELECT string_agg(concat_ws('.', oid, xmin, pg_stat_get_db_tuples_inserted(oid) \
                                            + pg_stat_get_db_tuples_updated(oid) \
                                            + pg_stat_get_db_tuples_deleted(oid)), ' ' ORDER BY oid) \
                FROM pg_database WHERE datname !~ '{NAME_PATTERN}'), \
               {PARAMETER_CHANGES}))",
            seen.join(", "),
            hidden.join(", "),
        )
    }
}

/// Counts the changes of privileges on parameters, by the catalog's number: older versions have none. Replication slots
/// take a server with another `wal_level`.
const PARAMETER_CHANGES: &str = "pg_stat_get_tuples_inserted(6243), pg_stat_get_tuples_updated(6243), \
                                 pg_stat_get_tuples_deleted(6243)";

/// What tells of settings by `ALTER SYSTEM`, which only superusers make.
const SETTINGS: &str =
    "(SELECT concat_ws('.', size, modification) FROM pg_stat_file('postgresql.auto.conf', true))";

/// Lists a [`Cluster`], for a superuser. What a row is called comes first, and what changes with it second.
const LIST: &str = "\
SELECT 'role ' || rolname, xmin::text FROM pg_authid
UNION ALL SELECT 'membership of ' || m.rolname || ' in ' || r.rolname, a.xmin::text
  FROM pg_auth_members a JOIN pg_roles m ON m.oid = member JOIN pg_roles r ON r.oid = roleid
UNION ALL SELECT 'settings of ' || CASE WHEN r.oid IS NULL THEN 'all roles' ELSE 'role ' || rolname END
                 || coalesce(' in database ' || datname, ''), s.xmin::text
  FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = setrole LEFT JOIN pg_database d ON d.oid = setdatabase
  WHERE datname IS NULL OR datname !~ $1
UNION ALL SELECT 'database ' || datname, xmin::text FROM pg_database WHERE datname !~ $1
UNION ALL SELECT 'contents of database ' || datname, (pg_stat_get_db_tuples_inserted(oid)
                 + pg_stat_get_db_tuples_updated(oid) + pg_stat_get_db_tuples_deleted(oid))::text
  FROM pg_database WHERE datname !~ $1
UNION ALL SELECT 'tablespace ' || spcname, xmin::text FROM pg_tablespace
UNION ALL SELECT 'subscription ' || subname, xmin::text FROM pg_subscription
UNION ALL SELECT 'origin of replication ' || roname, xmin::text FROM pg_replication_origin
UNION ALL SELECT 'replication slot ' || slot_name, '' FROM pg_replication_slots
UNION ALL SELECT 'comment on ' || coalesce('role ' || rolname, 'tablespace ' || spcname, 'database ' || datname),
                 c.xmin::text
  FROM pg_shdescription c LEFT JOIN pg_roles r ON r.oid = objoid AND classoid = 'pg_authid'::regclass
  LEFT JOIN pg_tablespace t ON t.oid = objoid AND classoid = 'pg_tablespace'::regclass
  LEFT JOIN pg_database d ON d.oid = objoid AND classoid = 'pg_database'::regclass
  WHERE datname IS NULL OR datname !~ $1
UNION ALL SELECT 'settings by ALTER SYSTEM', concat_ws(' ', size, modification)
  FROM pg_stat_file('postgresql.auto.conf', true)";

/// Lists the privileges on parameters, which there are since version 15.
const PARAMETERS: &str = "
UNION ALL SELECT 'privileges on parameter ' || parname, xmin::text FROM pg_parameter_acl";

/// The first version with privileges on parameters.
const PARAMETERS_SINCE: u32 = 150_000;

/// The first version in which what a session did is counted once it has ended.
const COUNTED_SINCE: u32 = 150_000;

noted! { Cluster { things } }

impl Server {
    /// Tells how much the role of tests sees of what all databases have in common.
    pub(crate) fn view(&self) -> View {
        match (self.is_owned(), self.has_superuser()) {
            (false, _) => View::Nothing,
            (true, false) => View::Ordinary,
            (true, true) => View::Superuser,
        }
    }

    /// Asks for the signal of what all databases of a server of ours have in common.
    pub(crate) fn signal(&self) -> Result<String, Refusal> {
        let ask = |view: View| {
            let sql = format!("SELECT {}", view.signal());
            move |client: &mut Client| client.query_one(&sql, &[]).map(|row| row.get(0))
        };
        match self.view() {
            View::Ordinary if self.version() < COUNTED_SINCE => {
                self.as_superuser(ask(View::Superuser))
            }
            view => self.maintain(ask(view)),
        }
    }

    /// Lists what all databases of a server of ours have in common.
    pub(crate) fn cluster(&self) -> Result<Cluster, Refusal> {
        let parameters = if self.version() >= PARAMETERS_SINCE { PARAMETERS } else { "" };
        let sql = format!("{LIST}{parameters}");
        let rows =
            self.as_superuser(|client| client.query_typed(&sql, &[(&NAME_PATTERN, Type::TEXT)]))?;
        let things = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        Ok(Cluster { things })
    }
}

impl Cluster {
    /// Names what came, changed or went until `later`.
    pub(crate) fn changes(&self, later: &Self) -> Vec<String> {
        let came = later.things.iter().filter(|thing| !self.things.contains(thing));
        let is_gone = |name: &str| later.things.iter().all(|(other, _)| other != name);
        let gone = self.things.iter().filter(|(name, _)| is_gone(name));
        came.chain(gone).map(|(name, _)| name.clone()).collect()
    }

    /// Takes over what came, changed or went between two times.
    pub(crate) fn follow(&mut self, before: &Self, after: &Self) {
        let changed = before.changes(after);
        self.things.retain(|(name, _)| !changed.contains(name));
        let come = after.things.iter().filter(|(name, _)| changed.contains(name));
        self.things.extend(come.cloned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(things: &[(&str, &str)]) -> Cluster {
        let things =
            things.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned()));
        Cluster { things: things.collect() }
    }

    #[test]
    fn what_came_changed_or_went_is_named() {
        let before = cluster(&[("role a", "1"), ("role b", "2"), ("role c", "3")]);
        let after = cluster(&[("role a", "1"), ("role b", "7"), ("role d", "8")]);
        assert_eq!(before.changes(&after), ["role b", "role d", "role c"]);
        assert_eq!(after.changes(&after), [] as [&str; 0]);
    }

    #[test]
    fn what_somebody_may_do_is_followed_and_nothing_else() {
        let (before, after) = (cluster(&[("role a", "1")]), cluster(&[("role b", "2")]));
        let mut known = cluster(&[("role a", "1"), ("role z", "9")]);
        known.follow(&before, &after);
        assert_eq!(known, cluster(&[("role z", "9"), ("role b", "2")]));
    }
}
