//! Masks on a real server: one value has one mask in every column, on every day, whoever asks; and SQL can compute it.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use project::Project;
use tdata::{MaskAs, MaskKey, Masker, TestData};

/// The techniques whose masks fit twelve characters, what the rule says besides, and a value each masks.
const TECHNIQUES: &[(&str, &str, &str)] = &[
    ("anonymize_ip", "", "10.1.2.3"),
    ("date_of_birth", "", "1980-02-29"),
    ("generalize_user_agent", "", "Firefox/133"),
    ("hash_ssn", "", "123-45-6789"),
    ("mask_credit_card", "", "411111111111"),
    ("randomize_address", "", "12 High St"),
    ("redact", "", "hunter2"),
    ("redact_phone", "", "+12126647665"),
    ("replace_name", "", "ada lovelace"),
    ("shift_date", "", "2024-05-31"),
];

const DATASETS: &[(&str, &str)] = &[
    ("narrow", "varchar(12)"),
    ("wide", "varchar(255)"),
    ("long", "text"),
    ("padded", "char(12)"),
];

const DAYS: [&str; 2] = ["2024-05-01T00:00:00Z", "2031-12-31T00:00:00Z"];

/// A dataset with a field for each technique, all of one type.
fn dataset(sql_type: &str) -> String {
    let fields = TECHNIQUES.iter().map(|(technique, _, value)| {
        format!("    - {{ name: {technique}, type: {sql_type}, generator: constant, value: '{value}' }}\n")
    });
    let rules = TECHNIQUES.iter().map(|(technique, extra, _)| {
        format!("    - {{ field: {technique}, rule: {technique}{extra} }}\n")
    });
    let id = "    - { name: id, type: integer, generator: sequence }\n";
    format!(
        "  fields:\n{id}{}  masking_rules:\n{}",
        fields.collect::<String>(),
        rules.collect::<String>()
    )
}

/// The masks in the first row of a dataset, which the contract alone asks for.
fn masks(project: &Project, dataset: &str, day: &str) -> Vec<String> {
    let request = TestData::request([dataset]).volume(dataset, 3).as_of(day.parse().unwrap());
    let data = request.project(project.path()).provision().unwrap();
    let columns: Vec<String> =
        TECHNIQUES.iter().map(|(technique, ..)| format!("{technique}::text")).collect();
    let sql = format!("SELECT {} FROM {dataset} WHERE id = 1", columns.join(", "));
    let row = data.client().query_one(&sql, &[]).unwrap();
    (0..TECHNIQUES.len()).map(|at| row.get(at)).collect()
}

fn one_mask_each(project: &Project) {
    let expected = masks(project, "narrow", DAYS[0]);
    let masker = Masker::new(MaskKey::development());
    for ((technique, _, value), mask) in TECHNIQUES.iter().zip(&expected) {
        assert_ne!(mask, value, "{technique}");
        let category = MaskAs::category(technique).at_most(12);
        assert_eq!(&masker.value(category, value).unwrap(), mask, "{technique}");
    }
    for (dataset, _) in DATASETS {
        for day in DAYS {
            assert_eq!(masks(project, dataset, day), expected, "{dataset} on {day}");
        }
    }
}

#[test]
fn one_value_has_one_mask_in_every_column_on_every_day_whoever_asks() {
    let project = DATASETS.iter().fold(Project::with(&[]), |project, (name, sql_type)| {
        project.define(name, &dataset(sql_type))
    });
    one_mask_each(&project);
}

#[test]
fn tables_that_migrations_made_narrow_count() {
    let table = |(name, sql_type): &(&str, &str)| {
        let columns: String =
            TECHNIQUES.iter().map(|(column, ..)| format!(", {column} {sql_type}")).collect();
        format!("CREATE TABLE {name} (id int PRIMARY KEY{columns});\n")
    };
    let tables: String = DATASETS.iter().map(table).collect();
    let project = Project::with(&[
        ("tdata.toml", "migrations = \"migrations\"\n"),
        ("migrations/001_tables.sql", &tables),
    ]);
    // The definitions know of no narrow column.
    let project =
        DATASETS.iter().fold(project, |project, (name, _)| project.define(name, &dataset("text")));
    one_mask_each(&project);
}

/// The HMAC of the development key, of the names of a rule and of a value, in PostgreSQL's own functions: what words
/// are taken from.
fn hmac(names: &str, value: &str) -> String {
    let key = format!("{:\0<64}", "tdata development key: for synthetic data only");
    let block = |with: u8| {
        let bytes: String = key.bytes().map(|byte| format!("{:02x}", byte ^ with)).collect();
        format!("'\\x{bytes}'::bytea")
    };
    format!(
        "sha256({} || sha256({} || convert_to('{names:64}', 'UTF8') || convert_to({value}, 'UTF8')))",
        block(0x5c),
        block(0x36)
    )
}

/// Word number `number` of an HMAC.
fn word(hmac: &str, number: usize) -> String {
    let byte =
        |at: usize| format!("(get_byte({hmac}, {})::bigint << {})", 4 * number + at, 24 - 8 * at);
    (0..4).map(byte).collect::<Vec<_>>().join(" | ")
}

#[test]
fn sql_computes_the_same_masks() {
    let fields = |sql_type: &str, generator: &str| {
        format!(
            "  fields:\n    - {{ name: id, type: integer, generator: sequence }}\n    \
             - {{ name: v, type: {sql_type}, generator: {generator} }}\n"
        )
    };
    let rule = |rule: &str| format!("  masking_rules:\n    - {{ field: v, rule: {rule} }}\n");
    let addresses = "'::1.2.3.4', '::ffff:10.0.0.1', '2001:DB8:0:0:1:0:0:1', 'fe80::1/64', '::1'";
    let choices = format!("choice, choices: [{addresses}]");
    let spec = |of: String, name: &str| of + &rule(name);
    let project = Project::with(&[])
        .define("hashes", &spec(fields("text", "full_name"), "hash_ssn, domain: person"))
        .define("phones", &spec(fields("text", "phone_number"), "redact_phone"))
        .define("days", &spec(fields("date", "date_between"), "shift_date, max_days: 100"))
        .define("hosts", &spec(fields("inet", &choices), "anonymize_ip"));
    let request = |masking: bool| {
        let datasets = ["hashes", "phones", "days", "hosts"];
        let request = TestData::request(datasets).every_volume(200).apply_masking(masking);
        request.project(project.path()).provision().unwrap()
    };
    let (masked, plain) = (request(true), request(false));
    let column = |data: &TestData, table: &str, sql: &str| -> Vec<String> {
        let sql = format!("SELECT ({sql})::text FROM {table} ORDER BY id");
        data.client().query(&sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
    };

    let hash = format!("encode({}, 'hex')", hmac("hash_ssn:2:person:0:", "v"));
    assert_eq!(column(&plain, "hashes", &hash), column(&masked, "hashes", "v"));

    let drawn = word(&hmac("shift_date:2:shift_date:0:", "format('%s', v)"), 0);
    let back = format!("v - (1 + ((({drawn}) * 100) >> 32))::int");
    assert_eq!(column(&plain, "days", &back), column(&masked, "days", "v"));

    let drawn = word(&hmac("redact_phone:2:redact_phone:0:", "v"), 0);
    let line = format!("lpad(((({drawn}) * 63000 >> 32) % 100)::text, 2, '0')");
    let masks = column(&masked, "phones", "right(v, 2)");
    let computed = column(&plain, "phones", &line);
    // A number that is the one drawn gets the next, which is rare.
    let same = masks.iter().zip(&computed).filter(|(mask, line)| mask == line).count();
    assert!(same >= 198, "{same}");

    // The type's own output; a cast writes `/128` behind it.
    let bits = hmac("anonymize_ip:2:anonymize_ip:0:", "format('%s', v)");
    let hex = format!("'20010db8' || encode(substr({bits}, 1, 12), 'hex')");
    let address = format!("regexp_replace({hex}, '(.{{4}})(?!$)', '\\1:', 'g')::inet");
    let pairs = column(&plain, "hosts", &address).into_iter().zip(column(&masked, "hosts", "v"));
    pairs.for_each(|(computed, mask)| assert_eq!(computed, mask));
}
