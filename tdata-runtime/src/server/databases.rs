//! Work on a server's databases as a whole.

use std::ops::Range;
use std::time::Duration;

use postgres::Client;
use postgres::error::SqlState;
use postgres::types::Type;
use tdata_postgres::Refusal;

use super::running::Server;
use super::session_id::is_drawn;

/// The pause between two looks at whether something has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// The most looks at whether a session has ended that was told to: it takes a moment, unless the server's disk hangs.
const ENDING_LOOKS: u32 = 12_000;

/// The pause between two looks at who is still connected to a database that is to be copied.
const CLOSING_PAUSE: Duration = Duration::from_millis(1);

/// The most looks: should somebody stay on for so long, copying says so.
const CLOSING_LOOKS: u32 = 5_000;

/// What migrations say of their database and PostgreSQL does not copy: its owner, settings, privileges, a comment. Settings are
/// written as `pg_dump` writes them, since some can be set in no session, and others would act upon this one: lists of names
/// as a text each, all others as one text.
const COPY_TRAITS: &str = "\
  id oid := (SELECT oid FROM pg_database WHERE datname = original); \
  owner oid := (SELECT datdba FROM pg_database WHERE datname = original); \
  said record; \
BEGIN \
  IF owner <> (SELECT datdba FROM pg_database WHERE datname = copy) THEN \
    EXECUTE format('ALTER DATABASE %I OWNER TO %I', copy, pg_get_userbyid(owner)); \
  END IF; \
  FOR said IN SELECT rolname, \
      (SELECT string_agg(quote_ident(part), '.') FROM unnest(string_to_array(setting, '.')) AS part) AS name, \
      CASE WHEN lower(setting) IN ('local_preload_libraries', 'search_path', 'session_preload_libraries', \
                                   'shared_preload_libraries', 'temp_tablespaces', 'unix_socket_directories') \
           THEN coalesce( \
             (SELECT string_agg(quote_literal(CASE WHEN part[1] LIKE '\"%' \
                                THEN replace(substr(part[1], 2, length(part[1]) - 2), '\"\"', '\"') ELSE part[1] END), ', ') \
              FROM regexp_matches(value, '\"(?:[^\"]|\"\")*\"|[^,[:space:]]+', 'g') AS part), \
             quote_literal('')) \
           ELSE quote_literal(value) END AS value \
    FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = setrole, unnest(setconfig) AS one, \
      LATERAL (SELECT split_part(one, '=', 1) AS setting, substr(one, strpos(one, '=') + 1) AS value) AS parts \
    WHERE setdatabase = id \
  LOOP \
    EXECUTE CASE WHEN said.rolname IS NULL THEN format('ALTER DATABASE %I', copy) \
                 ELSE format('ALTER ROLE %I IN DATABASE %I', said.rolname, copy) END \
      || format(' SET %s TO %s', said.name, said.value); \
  END LOOP; \
  IF (SELECT datacl FROM pg_database WHERE oid = id) IS NOT NULL THEN \
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', copy); \
    FOR said IN SELECT grantee, privilege_type, is_grantable \
      FROM pg_database, aclexplode(datacl) WHERE oid = id AND grantee <> datdba \
    LOOP \
      EXECUTE format('GRANT %s ON DATABASE %I TO %s', said.privilege_type, copy, \
                     CASE WHEN said.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(said.grantee)) END) \
        || CASE WHEN said.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END; \
    END LOOP; \
  END IF; \
  IF shobj_description(id, 'pg_database') IS NOT NULL THEN \
    EXECUTE format('COMMENT ON DATABASE %I IS %L', copy, shobj_description(id, 'pg_database')); \
  END IF; \
END";

/// The first version in which a database can be a copy of files.
const FILE_COPY_SINCE: u32 = 150_000;

/// How long dropping a database is waited for at first, and at last.
const DROPPING: Range<u64> = 1..256;

/// Drops a database. PostgreSQL waits until all sessions have heard of it, and one may miss that: while it begins, or when
/// a time limit of its own is over at the same moment. Then nobody tells it again, so the command is given anew.
fn drop_again_and_again(client: &mut Client, database: &str) -> Result<(), postgres::Error> {
    let drop = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
    let mut seconds = DROPPING.start;
    loop {
        client.batch_execute(&format!("SET statement_timeout = '{seconds}s'"))?;
        let dropped = client.batch_execute(&drop);
        client.batch_execute("RESET statement_timeout")?;
        match dropped {
            Err(error)
                if error.code() == Some(&SqlState::QUERY_CANCELED) && seconds < DROPPING.end =>
            {
                seconds *= 2;
            }
            dropped => return dropped,
        }
    }
}

impl Server {
    /// Makes a database as a copy of another.
    ///
    /// Copying files costs two checkpoints, and those cost nothing where nothing is synced: on servers of ours it takes
    /// a third of the time. Elsewhere the copy goes through the log.
    pub(crate) fn copy_database(&self, database: &str, original: &str) -> Result<(), Refusal> {
        let file_copy = self.is_owned() && self.version() >= FILE_COPY_SINCE;
        let strategy = if file_copy { " STRATEGY FILE_COPY" } else { "" };
        let sql = format!("CREATE DATABASE {database} TEMPLATE {original}{strategy}");
        self.maintain(|client| client.batch_execute(&sql))?;
        if !is_drawn(original) {
            return Ok(());
        }
        let copy = format!(
            "DO $tdata$ DECLARE copy text := '{database}'; original text := '{original}'; {COPY_TRAITS} $tdata$"
        );
        self.maintain(|client| client.batch_execute(&copy))
    }

    /// Lets nobody connect to a database any more, so that it can be copied: that takes that nobody is connected, and the
    /// loader's connection ends a moment after it was closed.
    pub(crate) fn close_database(&self, database: &str) -> Result<(), Refusal> {
        let shut = format!("ALTER DATABASE {database} WITH ALLOW_CONNECTIONS false");
        self.maintain(|client| client.batch_execute(&shut))?;
        for look in 0..CLOSING_LOOKS {
            let used: bool = self.maintain(|client| {
                // Whoever is left after a while looks in from outside, as monitoring does.
                let sql = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = $1 \
                           AND ($2 OR pg_terminate_backend(pid) OR true)";
                let is_early = look < CLOSING_LOOKS / 10;
                client.query_one(sql, &[&database, &is_early]).map(|row| row.get(0))
            })?;
            if !used {
                break;
            }
            std::thread::sleep(CLOSING_PAUSE);
        }
        Ok(())
    }

    /// Tells whether anybody is connected to a database.
    pub(crate) fn is_connected_to(&self, database: &str) -> Result<bool, Refusal> {
        self.maintain(|client| {
            let sql = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = $1)";
            client.query_typed_one(sql, &[(&database, Type::TEXT)]).map(|row| row.get(0))
        })
    }

    /// Drops a database that tdata made, whoever is connected to it. One that is kept stays.
    pub(crate) fn drop_database(&self, database: &str) -> Result<(), Refusal> {
        // The server goes on making one for a process that was killed: it would be there afterwards.
        let making = format!("CREATE DATABASE {database} %");
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE pid <> pg_backend_pid() AND state = 'active' AND query LIKE $1";
        let dropped = self.maintain(|client| {
            for _look in 0..ENDING_LOOKS {
                if client.query_typed_one(end, &[(&making, Type::TEXT)])?.get::<_, i64>(0) == 0 {
                    break;
                }
                std::thread::sleep(PAUSE);
            }
            drop_again_and_again(client, database)
        });
        match dropped {
            // PostgreSQL refuses before it ends anybody's session.
            Err(refusal) if refusal.is(SqlState::WRONG_OBJECT_TYPE.code()) => Ok(()),
            Err(refusal) if refusal.is(SqlState::OBJECT_IN_USE.code()) => {
                // A database with subscriptions cannot be dropped. Where there are none, the refusal was of something else.
                match self.drop_subscriptions(database) {
                    Err(_) | Ok(0) => Err(refusal),
                    _ => self.maintain(|client| drop_again_and_again(client, database)),
                }
            }
            dropped => dropped,
        }
    }

    /// Drops the subscriptions of a database, and says how many there were. What they subscribe to is left alone.
    fn drop_subscriptions(&self, database: &str) -> Result<usize, Refusal> {
        let list = "SELECT quote_ident(subname) FROM pg_subscription \
                    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = $1)";
        let rows = self.maintain(|client| client.query_typed(list, &[(&database, Type::TEXT)]))?;
        if rows.is_empty() {
            return Ok(0);
        }
        let open = format!("ALTER DATABASE {database} WITH ALLOW_CONNECTIONS true");
        self.maintain(|client| client.batch_execute(&open))?;
        let mut client = self.connect_to_see(database, "", "tdata")?;
        for row in &rows {
            let name: &str = row.get(0);
            for sql in [
                format!("ALTER SUBSCRIPTION {name} DISABLE"),
                format!("ALTER SUBSCRIPTION {name} SET (slot_name = NONE)"),
                format!("DROP SUBSCRIPTION {name}"),
            ] {
                client.batch_execute(&sql)?;
            }
        }
        Ok(rows.len())
    }

    /// Keeps a database from being dropped, by whomever: PostgreSQL drops none that says it is a template.
    pub(crate) fn keep_database(&self, database: &str) -> Result<(), Refusal> {
        // A test that failed may have left it locked.
        let sql =
            format!("SET LOCAL lock_timeout = '5s'; ALTER DATABASE {database} IS_TEMPLATE true");
        self.maintain(|client| client.batch_execute(&sql))
    }

    /// Does work over a connection to the maintenance database; some connections are kept for others. Where connections
    /// are few none is: then the lease does the work, if this process has one.
    ///
    /// The server may have closed a kept connection meanwhile, so that a first failure of one says
    /// nothing: the work is done again over a new one.
    pub(crate) fn maintain<T, E: Into<Refusal>>(
        &self,
        mut work: impl FnMut(&mut Client) -> Result<T, E>,
    ) -> Result<T, Refusal> {
        let kept = self.idle.lock().pop();
        if let Some(mut client) = kept {
            match work(&mut client).map_err(Into::into) {
                Err(refusal) if refusal.is_connection() => {}
                result => {
                    self.keep_idle(client);
                    return result;
                }
            }
        }
        if self.is_thrifty() {
            let mut lease = self.lease.lock();
            if let Some(client) = &mut *lease {
                match work(client).map_err(Into::into) {
                    // The registry takes another.
                    Err(refusal) if refusal.is_connection() => *lease = None,
                    result => return result,
                }
            }
        }
        let mut client = self.connect(self.endpoint().maintenance())?;
        let result = work(&mut client).map_err(Into::into);
        if !result.as_ref().is_err_and(Refusal::is_connection) {
            self.keep_idle(client);
        }
        result
    }

    /// Keeps a connection for the next work, unless there are enough.
    fn keep_idle(&self, client: Client) {
        /// Each also takes files of this process.
        const MOST: usize = 4;
        let mut idle = self.idle.lock();
        if idle.len() < MOST && !self.is_thrifty() {
            idle.push(client);
        }
    }
}
