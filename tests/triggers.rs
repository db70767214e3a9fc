//! Triggers that fire while rows load: what they do is told by their names, and they rest where a project says so.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod guest;
mod project;

use guest::Guest;
use project::Project;
use tdata::{Config, Engine, Error, Isolation, Notices, TestData, Triggers};

const FIELDS: &str = "  volume: { count: 5 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: label, type: text, generator: word }
";

const PROFILES: &str = "  volume: { count: 5 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: bio, type: text, generator: sentence }
  relationships:
    - { foreignKey: member_id, references: members.id }
";

/// A trigger that fills the table of another dataset.
const FILLS: &str = "\
CREATE TABLE members (id serial PRIMARY KEY, label text NOT NULL);
CREATE TABLE profiles (id serial PRIMARY KEY, member_id integer NOT NULL UNIQUE REFERENCES members, bio text);
CREATE FUNCTION make_profile() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
  INSERT INTO profiles (id, member_id, bio) VALUES (NEW.id + 100, NEW.id, 'new');
  RETURN NEW;
END $f$;
CREATE TRIGGER members_profile AFTER INSERT ON members FOR EACH ROW EXECUTE FUNCTION make_profile();
";

/// The table of one dataset, and a trigger function that refuses.
const REFUSES: &str = "\
CREATE TABLE docs (id integer PRIMARY KEY, label text NOT NULL);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN RAISE EXCEPTION 's3cret %', NEW.label; END $f$;
";

fn project(settings: &str, migration: &str, datasets: &[(&str, &str)]) -> Project {
    let files = [
        ("tdata.toml", &*format!("migrations = \"migrations\"\n{settings}")),
        ("migrations/0001_schema.sql", migration),
    ];
    let project = Project::with(&files);
    datasets.iter().fold(project, |project, (name, spec)| project.define(name, spec))
}

fn engine(project: &Project) -> Engine {
    let config = Config::from_environment().unwrap().notices(Notices::none());
    Engine::new(config.project(project.path()))
}

fn provisioned(engine: &Engine, dataset: &str, isolation: Isolation) -> Result<TestData, Error> {
    engine.request([dataset]).isolation(isolation).provision()
}

/// Asserts that provisioning is refused, and that the message says all of this, and no value.
fn assert_told(settings: &str, migration: &str, parts: &[&str]) {
    let project = project(settings, migration, &[("docs", FIELDS)]);
    let told = provisioned(&engine(&project), "docs", Isolation::Full).unwrap_err().to_string();
    for part in parts {
        assert!(told.contains(part), "{part:?} is missing in:\n{told}");
    }
    assert!(!told.contains("s3cret"), "{told}");
}

fn count(data: &TestData, table: &str) -> i64 {
    data.client().query_one(&format!("SELECT count(*) FROM {table}"), &[]).unwrap().get(0)
}

#[test]
fn rows_that_a_trigger_put_into_another_dataset_are_told_with_it() {
    let project = project("", FILLS, &[("members", FIELDS), ("profiles", PROFILES)]);
    let told = provisioned(&engine(&project), "profiles", Isolation::Full).unwrap_err().to_string();
    for part in [
        "the rows of the dataset `profiles` cannot be loaded: duplicate key",
        "Rows are there already. The trigger `members_profile` of the table public.members (its function is make_profile(), \
         0001_schema.sql:8) did this while the rows of `members` were loaded",
        "triggers = \"off\" in tdata.toml",
        "leave the dataset out",
    ] {
        assert!(told.contains(part), "{part:?} is missing in:\n{told}");
    }
}

#[test]
fn rows_that_a_trigger_added_without_a_collision_are_told_with_it() {
    let without_key = FILLS.replace(" UNIQUE REFERENCES members", "");
    let project = project("", &without_key, &[("members", FIELDS), ("profiles", PROFILES)]);
    let told = provisioned(&engine(&project), "profiles", Isolation::Full).unwrap_err().to_string();
    assert!(told.contains("the dataset `profiles` has 10 rows instead of 5"), "{told}");
    assert!(told.contains("The trigger `members_profile` of the table public.members"), "{told}");
    // What is no dataset of the contract is the trigger's own affair.
    let engine = engine(&project);
    let data = provisioned(&engine, "members", Isolation::Full).unwrap();
    assert_eq!((count(&data, "members"), count(&data, "profiles")), (5, 5));
}

#[test]
fn rows_that_a_trigger_leaves_out_are_told_with_it() {
    let migration = "CREATE TABLE docs (id integer PRIMARY KEY, label text NOT NULL);
        CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS
          $f$ BEGIN IF NEW.id % 2 = 0 THEN RETURN NULL; END IF; RETURN NEW; END $f$;
        CREATE TRIGGER docs_odd BEFORE INSERT ON docs FOR EACH ROW EXECUTE FUNCTION odd();";
    assert_told(
        "",
        migration,
        &[
            "the dataset `docs` has 3 rows instead of 5",
            "The trigger `docs_odd` of the table public.docs",
            "0001_schema.sql:4",
        ],
    );
}

#[test]
fn every_kind_of_trigger_that_refuses_is_named() {
    let own = |trigger: &str| format!("{REFUSES}{trigger}");
    let view = "CREATE TABLE log (label text);
        CREATE VIEW entries AS SELECT * FROM log;
        CREATE TRIGGER entries_refuse INSTEAD OF INSERT ON entries FOR EACH ROW EXECUTE FUNCTION refuse();
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
          $f$ BEGIN INSERT INTO entries VALUES (NEW.label); RETURN NEW; END $f$;
        CREATE TRIGGER docs_note BEFORE INSERT ON docs FOR EACH ROW EXECUTE FUNCTION note();";
    let partitioned =
        "CREATE TABLE docs (id integer PRIMARY KEY, label text NOT NULL) PARTITION BY RANGE (id);
        CREATE TABLE docs_low PARTITION OF docs FOR VALUES FROM (0) TO (100000);";
    let function = REFUSES.split_once('\n').unwrap().1;
    let statement = "CREATE TABLE docs (id integer PRIMARY KEY, label text NOT NULL);
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $f$ BEGIN RAISE EXCEPTION 's3cret'; END $f$;";
    for (migration, name, of) in [
        (own("CREATE TRIGGER \"No docs\" BEFORE INSERT ON docs FOR EACH ROW EXECUTE FUNCTION refuse();"), "No docs", "docs"),
        (own("CREATE TRIGGER late AFTER INSERT ON docs FOR EACH ROW EXECUTE FUNCTION refuse();"), "late", "docs"),
        (format!("{statement}CREATE TRIGGER whole AFTER INSERT ON docs EXECUTE FUNCTION refuse();"), "whole", "docs"),
        (
            own("CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON docs DEFERRABLE INITIALLY DEFERRED
                 FOR EACH ROW EXECUTE FUNCTION refuse();"),
            "deferred",
            "docs",
        ),
        (own(view), "docs_note", "docs"),
        (
            format!("{partitioned}{function}CREATE TRIGGER of_parent BEFORE INSERT ON docs FOR EACH ROW EXECUTE FUNCTION refuse();"),
            "of_parent",
            "docs",
        ),
        (
            format!("{partitioned}{function}CREATE TRIGGER of_part BEFORE INSERT ON docs_low FOR EACH ROW EXECUTE FUNCTION refuse();"),
            "of_part",
            "docs_low",
        ),
    ] {
        let trigger = format!("The trigger `{name}` of the table public.{of} (its function is ");
        assert_told("", &migration, &["the rows of the dataset `docs` cannot be loaded", &trigger, "0001_schema.sql:", "triggers = \"off\""]);
        let project = project("triggers = \"off\"", &migration, &[("docs", FIELDS)]);
        let engine = engine(&project);
        let data = provisioned(&engine, "docs", Isolation::Full).unwrap();
        assert_eq!(data.dataset("docs").len(), 5);
        // They fire again.
        let error = data.client().execute("INSERT INTO docs VALUES (7000, 'x')", &[]).unwrap_err();
        assert_eq!(error.code().unwrap().code(), "P0001", "{name}");
    }
}

#[test]
fn an_event_trigger_that_refuses_is_named_and_rests() {
    let migration = "CREATE TABLE other (id int);
        CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 's3cret'; END $f$;
        CREATE EVENT TRIGGER no_tables ON ddl_command_start EXECUTE FUNCTION refuse();";
    // No migration makes the table: it is made from the definition.
    assert_told(
        "",
        migration,
        &[
            "the table of the dataset `docs` cannot be made",
            "The event trigger `no_tables`",
            "0001_schema.sql:3",
        ],
    );
    let project = project("triggers = \"off\"", migration, &[("docs", FIELDS)]);
    let engine = engine(&project);
    let data = provisioned(&engine, "docs", Isolation::Full).unwrap();
    assert_eq!(data.dataset("docs").len(), 5);
    assert!(data.client().batch_execute("CREATE TABLE more (id int)").is_err());
}

#[test]
fn a_trigger_that_needs_a_setting_is_told_with_it_and_has_it() {
    let migration = "CREATE TABLE docs (id integer PRIMARY KEY, label text NOT NULL, changed_by text);
        CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
          $f$ BEGIN NEW.changed_by := current_setting('app.user_name'); RETURN NEW; END $f$;
        CREATE TRIGGER docs_stamp BEFORE INSERT OR UPDATE ON docs FOR EACH ROW EXECUTE FUNCTION stamp();";
    let parts = [
        "unrecognized configuration parameter \"app.user_name\"",
        "The trigger `docs_stamp` of the table public.docs (its function is stamp(), 0001_schema.sql:4) did this",
        "[session_settings] in tdata.toml, as in \"app.user_name\" = \"…\"",
    ];
    assert_told("", migration, &parts);
    for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
        let settings = "[session_settings]\n\"app.user_name\" = \"Ada L\"\n";
        let project = project(settings, migration, &[("docs", FIELDS)]);
        let engine = engine(&project);
        let data = provisioned(&engine, "docs", isolation).unwrap();
        let stamped = |client: &mut postgres::Client| -> i64 {
            let sql = "SELECT count(*) FROM docs WHERE changed_by = 'Ada L'";
            client.query_one(sql, &[]).unwrap().get(0)
        };
        assert_eq!(stamped(&mut data.client()), 5);
        let insert = "INSERT INTO docs (id, label) VALUES (7000, 'x')";
        data.client().execute(insert, &[]).unwrap();
        assert_eq!(stamped(&mut data.client()), 6, "{isolation}");
    }
}

/// The states of all triggers, event triggers too.
fn states(data: &TestData) -> String {
    let sql = "SELECT string_agg(name || ' ' || state, ', ' ORDER BY name) FROM (
        SELECT tgrelid::regclass || '.' || tgname AS name, tgenabled::text AS state FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT evtname, evtenabled::text FROM pg_event_trigger) AS triggers";
    data.client().query_one(sql, &[]).unwrap().get(0)
}

const MANY: &str = "\
CREATE TABLE docs (id integer PRIMARY KEY, label text NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE docs_low PARTITION OF docs FOR VALUES FROM (0) TO (3) ;
CREATE TABLE docs_high PARTITION OF docs FOR VALUES FROM (3) TO (100000);
CREATE TABLE log (label text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
  $f$ BEGIN INSERT INTO log VALUES (TG_NAME); RETURN NEW; END $f$;
CREATE TRIGGER usual BEFORE INSERT ON docs FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER whole AFTER INSERT ON docs EXECUTE FUNCTION note();
CREATE TRIGGER never BEFORE INSERT ON docs FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER replica BEFORE INSERT ON docs FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER always AFTER INSERT ON docs FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER of_part BEFORE INSERT ON docs_low FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE docs DISABLE TRIGGER never;
ALTER TABLE docs ENABLE REPLICA TRIGGER replica;
ALTER TABLE docs ENABLE ALWAYS TRIGGER always;
ALTER TABLE ONLY docs_high DISABLE TRIGGER usual;
CREATE RULE also AS ON INSERT TO log DO ALSO NOTIFY told;
";

const EVENTS: &str = "\
CREATE FUNCTION see() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN END $f$;
CREATE EVENT TRIGGER seen ON ddl_command_end EXECUTE FUNCTION see();
CREATE EVENT TRIGGER seen_always ON ddl_command_end EXECUTE FUNCTION see();
CREATE EVENT TRIGGER seen_never ON ddl_command_end EXECUTE FUNCTION see();
ALTER EVENT TRIGGER seen_always ENABLE ALWAYS;
ALTER EVENT TRIGGER seen_never DISABLE;
";

#[test]
fn triggers_that_rested_are_as_they_were() {
    let migration = format!("{MANY}{EVENTS}");
    let on = project("", &migration, &[("docs", FIELDS)]);
    let off = project("triggers = \"off\"", &migration, &[("docs", FIELDS)]);
    let (on, off) = (engine(&on), engine(&off));
    let on = provisioned(&on, "docs", Isolation::Full).unwrap();
    assert!(count(&on, "log") > 5);
    for isolation in [Isolation::Full, Isolation::Transaction] {
        let data = provisioned(&off, "docs", isolation).unwrap();
        assert_eq!((data.dataset("docs").len(), count(&data, "log")), (5, 0));
        let guard = |name: &&str| !name.contains("tdata_guard") && !name.contains("refuse_commit");
        let states_of = |data: &TestData| -> Vec<String> {
            states(data).split(", ").filter(guard).map(str::to_owned).collect()
        };
        assert_eq!(states_of(&data), states_of(&on), "{isolation}");
    }
}

#[test]
fn triggers_rest_on_a_server_by_url_where_the_role_owns_the_tables() {
    let guest = Guest::new("rests", "CREATEDB");
    let project = project("", MANY, &[("docs", FIELDS)]);
    let config = Config::new().project(project.path()).workspace(project.path());
    let config = config.database_url(&guest.url).triggers(Triggers::Off).notices(Notices::none());
    let engine = Engine::new(config);
    for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
        let data = provisioned(&engine, "docs", isolation).unwrap();
        assert_eq!((data.dataset("docs").len(), count(&data, "log")), (5, 0), "{isolation}");
    }
}

#[test]
fn rows_of_tables_whose_triggers_rested_are_put_back_without_them() {
    let migration = "CREATE TABLE docs (id integer PRIMARY KEY, label text NOT NULL);
        CREATE TABLE log (label text);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
          $f$ BEGIN INSERT INTO log VALUES (TG_NAME); RETURN NEW; END $f$;
        CREATE TRIGGER usual BEFORE INSERT OR UPDATE ON docs FOR EACH ROW EXECUTE FUNCTION note();";
    let project = project("triggers = \"off\"", migration, &[("docs", FIELDS)]);
    let engine = engine(&project);
    for _ in 0..3 {
        let data = provisioned(&engine, "docs", Isolation::Full).unwrap();
        let before =
            data.client().query_one("SELECT string_agg(label, ',' ORDER BY id) FROM docs", &[]);
        let before: String = before.unwrap().get(0);
        assert!(!before.contains("other"), "{before}");
        assert_eq!((count(&data, "docs"), count(&data, "log")), (5, 0));
        let mut db = data.client();
        db.batch_execute(
            "UPDATE docs SET label = 'other' WHERE id < 4; DELETE FROM docs WHERE id = 5",
        )
        .unwrap();
    }
}

#[test]
fn rules_do_not_fire_while_rows_load_and_are_there_for_tests() {
    let migration = "CREATE TABLE docs (id integer PRIMARY KEY, label text NOT NULL);
        CREATE TABLE log (label text);
        CREATE RULE also AS ON INSERT TO docs DO ALSO INSERT INTO log VALUES (NEW.label);
        CREATE TABLE notes (id integer PRIMARY KEY, label text NOT NULL);
        CREATE RULE instead AS ON INSERT TO notes DO INSTEAD NOTHING;";
    let project = project("", migration, &[("docs", FIELDS), ("notes", FIELDS)]);
    let engine = engine(&project);
    let data = engine.request(["docs", "notes"]).provision().unwrap();
    assert_eq!((count(&data, "docs"), count(&data, "notes"), count(&data, "log")), (5, 5, 0));
    let mut db = data.client();
    db.batch_execute("INSERT INTO docs VALUES (7000, 'x'); INSERT INTO notes VALUES (7000, 'x')")
        .unwrap();
    drop(db);
    assert_eq!((count(&data, "log"), count(&data, "notes")), (1, 5));
}

/// An event trigger that writes down what happens, and one that refuses all.
const WATCHED: &str = "\
CREATE TABLE members (id integer PRIMARY KEY, label text NOT NULL);
CREATE TABLE log (tag text);
CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $f$
BEGIN INSERT INTO log VALUES (tg_tag); END $f$;
CREATE EVENT TRIGGER notes ON ddl_command_end EXECUTE FUNCTION note();
CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $f$
BEGIN RAISE EXCEPTION 'no'; END $f$;
CREATE EVENT TRIGGER refuses ON ddl_command_start EXECUTE FUNCTION refuse();
";

#[test]
fn what_tdata_itself_makes_and_drops_concerns_no_event_trigger() {
    let project = project("", WATCHED, &[("members", FIELDS)]);
    for isolation in [Isolation::Full, Isolation::Transaction, Isolation::Schema] {
        let (sender, said) = std::sync::mpsc::channel();
        let notices = Notices::to(move |text| drop(sender.send(text.to_owned())));
        let config = Config::from_environment().unwrap().notices(notices);
        let engine = Engine::new(config.project(project.path()).workspace(project.path()));
        let data = provisioned(&engine, "members", isolation).unwrap();
        assert_eq!((data.dataset("members").len(), count(&data, "log")), (5, 1), "{isolation:?}");
        data.release();
        engine.close();
        let said: Vec<String> = said.try_iter().collect();
        assert!(!said.iter().any(|text| text.contains("could not")), "{said:?}");
    }
}

#[test]
fn functions_that_no_trigger_calls_are_named() {
    let raises = "RETURNS text LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 's3cret'; END $f$";
    for table in [
        format!(
            "CREATE FUNCTION slug() {raises};
             CREATE TABLE docs (id int PRIMARY KEY, label text, s text NOT NULL DEFAULT slug());"
        ),
        format!(
            "CREATE FUNCTION slug() {raises};
             CREATE TABLE docs (id int PRIMARY KEY, label text CHECK (slug() = label));"
        ),
    ] {
        assert_told("", &table, &["The function slug() did this", "A default, a CHECK constraint"]);
    }
}

#[test]
fn rows_that_a_trigger_puts_where_rows_are_to_be_there_are_told_with_it() {
    let project = project("", FILLS, &[("members", FIELDS), ("profiles", "  source: existing\n")]);
    let request = engine(&project).request(["members", "profiles"]).provision();
    let told = request.unwrap_err().to_string();
    for part in ["`profiles` has 5 rows instead of 0", "the trigger `members_profile`"] {
        assert!(told.to_lowercase().contains(part), "{part:?} is missing in:\n{told}");
    }
}
