//! What masks promise of a project: one value has one mask, wherever it stands and whoever asks for it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "these tests need no example shop")]
mod shop;

use proptest::prelude::*;
use shop::{contract, library, planned};
use tdata_core::contract::Contract;
use tdata_core::definition::Library;
use tdata_core::diagnostic::Source;
use tdata_core::mask::{MaskAs, MaskKey, Masker};
use tdata_core::plan::{Catalog, CatalogColumn, CatalogTable, Fingerprint, fingerprint, plan};
use tdata_core::rows::Stored;
use tdata_core::sql::TableName;
use tdata_core::value::Value;

/// The techniques whose masks fit twelve characters; what a rule has besides; whether the key makes a difference.
const TECHNIQUES: &[(&str, &str, bool)] = &[
    ("anonymize_ip", "", true),
    ("date_of_birth", "", true),
    ("generalize_user_agent", "", false),
    ("hash_ssn", "", true),
    ("mask_credit_card", "", false),
    ("randomize_address", "", true),
    ("randomize_address", ", part: city", true),
    ("randomize_address", ", part: country", true),
    ("randomize_address", ", part: postal_code", true),
    ("randomize_address", ", part: state", true),
    ("randomize_address", ", part: street", true),
    ("redact", "", false),
    ("redact_phone", "", true),
    ("redact_phone", ", country_code: FR", true),
    ("replace_name", "", true),
    ("replace_name", ", part: first", true),
    ("replace_name", ", part: last", true),
    ("shift_date", "", true),
];

/// The types that texts of twelve characters may be in.
const TEXTS: &[(&str, &str)] = &[
    ("narrow", "varchar(12)"),
    ("wide", "varchar(255)"),
    ("long", "text"),
    ("padded", "char(12)"),
    ("caseless", "citext"),
];

/// A dataset of one field `f` that is masked and has the same value in every row.
fn dataset(sql_type: &str, value: &str, rule: &str) -> String {
    format!(
        "  fields:\n    - {{ name: f, type: '{sql_type}', generator: constant, value: '{value}' }}\n  \
         masking_rules:\n    - {{ field: f, rule: {rule} }}\n"
    )
}

fn project(datasets: &[(&str, String)]) -> Library {
    let datasets: Vec<(&str, &str)> =
        datasets.iter().map(|(name, spec)| (*name, spec.as_str())).collect();
    library(&datasets)
}

/// The mask in the first row of a dataset.
fn mask(contract: &Contract, library: &Library, dataset: &str) -> Value {
    let mut row = Vec::new();
    planned(contract, library).unwrap().dataset(dataset).unwrap().write_row(0, &mut row);
    row.pop().unwrap()
}

fn mask_of(library: &Library, dataset: &str) -> String {
    mask(&contract([dataset]), library, dataset).to_string()
}

/// Short texts of all sorts, such as the techniques look for; in small letters, as `citext` takes them all for.
fn short_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9._@-]{1,12}",
        "[a-z]{1,5} [a-z]{1,6}",
        "[0-9]{3}-[0-9]{2}-[0-9]{4}",
        "\\+1[2-9][0-9]{9}",
        "[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]{1,2}",
        "[0-9a-f]{1,4}::[0-9a-f]{1,4}",
        "(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])",
        "[a-zäöüß ]{0,10}[a-z]",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn one_value_has_one_mask_in_every_column(value in short_text()) {
        for (technique, extra, keyed) in TECHNIQUES {
            let rule = format!("{technique}{extra}");
            let mut datasets: Vec<_> = TEXTS
                .iter()
                .map(|(name, sql_type)| (*name, dataset(sql_type, &value, &rule)))
                .collect();
            datasets.push(("elsewhere", dataset("text", &value, &format!("{rule}, domain: other"))));
            let project = project(&datasets);
            let one = mask_of(&project, "narrow");
            prop_assert!(one.chars().count() <= 12, "{rule}: {one}");
            for (name, _) in TEXTS {
                prop_assert_eq!(&mask_of(&project, name), &one, "{}", rule);
                // On another day.
                let mut later = contract([*name]);
                later.as_of = "2031-01-01T12:00:00Z".parse().unwrap();
                prop_assert_eq!(&mask(&later, &project, name).to_string(), &one, "{}", rule);
            }
            let telling = value.bytes().filter(u8::is_ascii_alphanumeric).count() > 3;
            prop_assert!(one != value || !telling, "{rule}: {one}");
            let elsewhere = mask_of(&project, "elsewhere");
            // Few masks may be equal by chance, and those of fixed texts are.
            let many = *keyed && *technique == "hash_ssn";
            prop_assert!(!many || elsewhere != one, "{rule}: {one}");
            // Everything else has the same masks under the same key.
            let category = MaskAs::category(technique).at_most(12);
            if extra.is_empty() {
                let masker = Masker::new(MaskKey::development());
                prop_assert_eq!(masker.value(category, &value).unwrap(), one, "{}", rule);
            }
        }
    }

    #[test]
    fn a_day_has_one_mask_in_every_type(
        day in 0..40_000u32,
        seconds in 0..86_400u32,
        later in "20[2-9][0-9]-0[1-9]-1[0-9]",
    ) {
        let date = Value::Date(day as i32 - 20_000).to_string();
        let time = format!(
            "{date} {:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        );
        for technique in ["date_of_birth", "shift_date"] {
            let project = project(&[
                ("narrow", dataset("varchar(12)", &date, technique)),
                ("wide", dataset("varchar(255)", &date, technique)),
                ("day", dataset("date", &date, technique)),
                ("instant", dataset("timestamp", &time, technique)),
                ("zoned", dataset("timestamptz", &time, technique)),
                ("text_time", dataset("text", &time, technique)),
            ]);
            let one = mask_of(&project, "day");
            prop_assert!(one < date, "{technique}: {one}");
            for name in ["narrow", "wide", "day", "instant", "zoned", "text_time"] {
                let mut contract = contract([name]);
                contract.as_of = later.parse().unwrap();
                let mask = mask(&contract, &project, name).to_string();
                prop_assert_eq!(&mask[..10], &one, "{} {}", technique, name);
            }
        }
    }
}

#[test]
fn domains_differ_where_the_key_counts() {
    for (technique, extra, keyed) in TECHNIQUES {
        let value = "1980-02-29";
        let mask_in = |domain: &str| {
            let rule = format!("{technique}{extra}, domain: {domain}");
            mask_of(&project(&[("d", dataset("text", value, &rule))]), "d")
        };
        let domains = ["a", "b", "c", "d", "e", "f"].map(mask_in);
        let same = domains.iter().all(|mask| *mask == domains[0]);
        assert_eq!(same, !keyed, "{technique}{extra}: {domains:?}");
    }
}

#[test]
fn an_address_has_one_mask_as_text_and_as_inet() {
    for address in ["2001:DB8:0::1", "2001:db8::1"] {
        let project = project(&[
            ("texts", dataset("varchar(45)", address, "anonymize_ip")),
            ("addresses", dataset("inet", address, "anonymize_ip")),
        ]);
        let [text, inet] = ["texts", "addresses"].map(|name| mask_of(&project, name));
        assert_eq!(text, inet);
        assert!(text.starts_with("2001:db8:") && text != "2001:db8::1");
    }
}

#[test]
fn texts_are_composed_where_the_rule_says_so() {
    let [composed, decomposed] = ["ren\u{e9}", "rene\u{301}"].map(|value| {
        ["", ", normalize: nfc"].map(|extra| {
            let rule = format!("hash_ssn{extra}");
            mask_of(&project(&[("d", dataset("text", value, &rule))]), "d")
        })
    });
    assert_ne!(composed[0], decomposed[0]);
    assert_eq!(composed[1], decomposed[1]);
    assert_eq!(composed[0], composed[1]);
}

#[test]
fn only_columns_of_the_same_domain_and_variant_make_masks_narrow() {
    let long = |others: &[(&str, String)]| {
        let mut datasets = vec![("long", dataset("text", "x", "hash_ssn"))];
        datasets.extend(others.iter().cloned());
        mask_of(&project(&datasets), "long").len()
    };
    let narrow = |rule: &str| [("narrow", dataset("varchar(9)", "x", rule))];
    assert_eq!(long(&[]), 64);
    assert_eq!(long(&narrow("hash_ssn")), 9);
    assert_eq!(long(&narrow("hash_ssn, domain: other")), 64);
    assert_eq!(long(&narrow("replace_name")), 64);
    // What is not masked, or cannot be read, does not count.
    let unmasked =
        "  fields:\n    - { name: ssn, type: varchar(5), generator: constant, value: x }\n";
    assert_eq!(long(&[("unmasked", unmasked.to_owned())]), 64);
    assert_eq!(long(&[("broken", "  fields: 7\n".to_owned())]), 64);
    let wrong = dataset("varchar(5)", "x", "hash_ssn, algorithm: md5");
    assert_eq!(long(&[("wrong", wrong)]), 64);
    // Another variant has masks of its own.
    let city = |sql_type: &str| dataset(sql_type, "x", "randomize_address, part: city");
    let street = dataset("varchar(9)", "x", "randomize_address, part: street");
    let one = mask_of(&project(&[("city", city("text")), ("street", street)]), "city");
    let other = mask_of(&project(&[("city", city("text"))]), "city");
    assert_eq!(one, other);
}

#[test]
fn a_column_that_a_technique_does_not_fit_does_not_count() {
    let email = |sql_type: &str| dataset(sql_type, "ada@corp.uk", "anonymize_email");
    let project = project(&[("wide", email("text")), ("narrow", email("varchar(12)"))]);
    assert_eq!(mask_of(&project, "wide").len(), 43);
    let mistakes = planned(&contract(["narrow"]), &project).unwrap_err();
    assert!(mistakes.to_string().contains("does not fit `varchar(12)`"), "{mistakes}");
}

const CODES: &str = "  fields:
    - { name: code, type: text, generator: pattern, pattern: 'code {{index}}', unique: true }
  masking_rules:
    - { field: code, rule: hash_ssn }
";

#[test]
fn foreign_keys_make_masks_narrow_too() {
    let references = |dataset: &str, sql_type: &str| {
        format!(
            "  fields:\n    - {{ name: code, type: {sql_type}, generator: reference }}\n  relationships:\n    \
             - {{ foreignKey: code, references: {dataset}.code }}\n"
        )
    };
    let project = project(&[
        ("codes", CODES.to_owned()),
        ("uses", references("codes", "varchar(30)")),
        ("further", references("uses", "varchar(20)")),
    ]);
    for dataset in ["codes", "uses", "further"] {
        assert_eq!(mask_of(&project, dataset).len(), 20, "{dataset}");
    }
}

#[test]
fn the_columns_of_tables_count_before_those_of_definitions() {
    let column = |sql_type: &str| CatalogColumn {
        name: "f".to_owned(),
        sql_type: sql_type.parse().unwrap(),
        identity: None,
        nullable: false,
        has_default: false,
        generated: false,
    };
    let project = project(&[
        ("one", dataset("text", "x", "hash_ssn")),
        ("other", dataset("text", "x", "hash_ssn")),
    ]);
    let catalog = Catalog {
        tables: vec![CatalogTable {
            name: TableName { schema: Some("public".to_owned()), name: "other".to_owned() },
            columns: vec![column("varchar(15)")],
            primary_key: Vec::new(),
            unique: Vec::new(),
            nulls_equal: Vec::new(),
            foreign_keys: Vec::new(),
            has_children: false,
        }],
        search_path: vec!["public".to_owned()],
        ..Catalog::default()
    };
    let plan = plan(&contract(["one"]), &project, &MaskKey::development(), &catalog).unwrap();
    let mut row = Vec::new();
    plan.datasets[0].write_row(0, &mut row);
    assert_eq!(row[0].to_string().len(), 15);
}

#[test]
fn masks_that_another_column_makes_too_narrow_are_told() {
    let narrow = dataset("varchar(3)", "x", "hash_ssn");
    let project = project(&[("codes", CODES.to_owned()), ("narrow", narrow)]);
    let mistakes = planned(&contract(["codes"]), &project).unwrap_err().to_string();
    assert!(mistakes.contains("masks of `hash_ssn` would not be unique"), "{mistakes}");
    assert!(
        mistakes.contains("as narrow as those of `narrow.f`: give the rule a `domain`"),
        "{mistakes}"
    );
}

fn print(library: &Library, contract: &Contract, schema: &str) -> Fingerprint {
    let specs = library.closure(contract.datasets.iter().map(String::as_str)).unwrap();
    fingerprint(contract, &specs, library, &Stored::new(), &MaskKey::development(), schema)
}

#[test]
fn what_makes_masks_narrow_is_in_the_fingerprint() {
    let print_with = |others: &[(&str, String)], masking: bool, schema: &str| {
        let mut datasets = vec![("long", dataset("text", "x", "hash_ssn"))];
        datasets.extend(others.iter().cloned());
        let mut contract = contract(["long"]);
        contract.apply_masking = masking;
        print(&project(&datasets), &contract, schema)
    };
    let other = |sql_type: &str, rule: &str| [("other", dataset(sql_type, "x", rule))];
    let usual = print_with(&[], true, "");
    assert_ne!(print_with(&other("varchar(9)", "hash_ssn"), true, ""), usual);
    assert_eq!(print_with(&other("text", "hash_ssn"), true, ""), usual);
    assert_eq!(print_with(&other("varchar(9)", "hash_ssn, domain: other"), true, ""), usual);
    // Without masks, nothing of others counts.
    let unmasked = print_with(&[], false, "");
    assert_eq!(print_with(&other("varchar(9)", "hash_ssn"), false, ""), unmasked);
    // Migrations may have made the other column narrower than its definition says.
    let migrated = print_with(&[], true, "CREATE TABLE other");
    assert_ne!(print_with(&other("text", "hash_ssn"), true, "CREATE TABLE other"), migrated);
    // So may keys to a masked column, which need no type.
    let codes = ("codes", CODES.to_owned());
    let key =
        "  relationships:\n    - { foreignKey: code, references: codes.code }\n  fields: []\n";
    let keys = [codes.clone(), ("keys", key.to_owned())];
    let of = |datasets: &[(&str, String)], schema: &str| {
        print(&project(datasets), &contract(["codes"]), schema)
    };
    assert_eq!(of(&keys, ""), of(std::slice::from_ref(&codes), ""));
    assert_ne!(of(&keys, "CREATE TABLE keys"), of(&[codes], "CREATE TABLE keys"));
}

#[test]
fn a_file_that_does_not_parse_makes_no_mask_narrow() {
    let mut project = project(&[("long", dataset("text", "x", "hash_ssn"))]);
    project.insert(Source::new("broken.yaml", "apiVersion: ["), "broken", None);
    assert_eq!(mask_of(&project, "long").len(), 64);
}
