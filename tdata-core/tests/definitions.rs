//! The definition format: every key means what the format says, and every mistake is told at once,
//! with its line underlined.

use std::fmt::Write;

use tdata_core::definition::{Definition, Library};
use tdata_core::diagnostic::{Diagnostics, Source};
use tdata_core::spec::{DataSource, NodeKind, OnDelete};
use tdata_core::sql::{Scalar, SqlType, TableName};

/// Every part of the format: the sample of the format's description.
const INVOICES: &str = r#"apiVersion: data.automation/v1
kind: DataDefinition
metadata:
  name: invoices                 # the dataset's name = the file's stem
  namespace: billing             # optional, informational
  version: v2.1.0                # semver with v
  description: "Invoices for end-to-end tests"
spec:
  source: synthetic              # synthetic | masked_production | snapshot | hybrid
  database:                      # optional; ${VAR} and ${VAR:-default} come from the environment when used
    engine: postgresql
    connection: { host: ${PGHOST}, port: ${PGPORT}, database: ${PGDATABASE}, user: ${PGUSER} }
  table: billing.invoices        # schema.table
  volume:
    count: 20000                 # the dataset's full size
    distribution: uniform
  fields:
    - { name: id, type: bigint, generator: sequence, start: 1000, step: 1 }
    - { name: reference, type: varchar(24), generator: pattern, pattern: "INV-{{timestamp}}-{{index}}", unique: true }
    - { name: contact, type: varchar(255), generator: email, pattern: "billing+{{index}}@example.com", masking: true }
    - { name: tax_id, type: varchar(11), generator: ssn, masking: true, pii_category: ssn }
    - { name: total, type: "decimal(10,2)", generator: random_decimal, min: 10.00, max: 9999.99, distribution: normal }
    - { name: state, type: varchar(20), generator: choice, choices: [draft, sent, paid], weights: [20, 50, 30] }
    - { name: reminded, type: boolean, generator: boolean, true_probability: 0.2 }
    - { name: issued_at, type: timestamp, generator: datetime_between, start_date: -30d, end_date: now }
    - { name: note, type: text, generator: sentence, null_probability: 0.3 }
    - { name: customer_id, type: integer, generator: reference, reference_table: customers, reference_field: id, distribution: zipf }
  relationships:
    - { foreignKey: customer_id, references: customers.id, onDelete: cascade }
  masking_rules:
    - { field: contact, rule: anonymize_email }
    - { field: tax_id, rule: hash_ssn, algorithm: sha256 }
  validation:
    - { constraint: "contact LIKE '%@example.com'", description: "Only example.com addresses" }
    - { constraint: "NOT NULL (id, contact)" }
    - { constraint: "customer_id IN (SELECT id FROM customers)" }
  refresh:
    schedule: "0 */6 * * *"
    source: masked_production
    tag_version: true
"#;

fn parse_as(stem: &str, text: &str) -> Result<Definition, Diagnostics> {
    Definition::parse(Source::new(format!("data_definitions/{stem}.yaml"), text), stem)
}

/// Parses a definition of the dataset `tags` whose `spec` has these lines, indented by two.
fn tags(spec: &str) -> Result<Definition, Diagnostics> {
    parse_as("tags", &document(spec))
}

fn document(spec: &str) -> String {
    format!(
        "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: tags }}\nspec:\n{spec}"
    )
}

/// Parses a definition of the dataset `tags` with one field.
fn one_field(field: &str) -> Result<Definition, Diagnostics> {
    tags(&format!("  table: tags\n  fields:\n    - {field}\n"))
}

#[test]
fn every_key_means_what_the_format_says() {
    let invoices = parse_as("invoices", INVOICES).unwrap();
    assert_eq!(invoices.spec.name.value, "invoices");
    assert_eq!(invoices.namespace.as_deref(), Some("billing"));
    assert_eq!(invoices.version.unwrap().to_string(), "v2.1.0");
    assert_eq!(invoices.description.as_deref(), Some("Invoices for end-to-end tests"));
    assert_eq!(invoices.spec.data_source, DataSource::Synthetic);
    let table = TableName { schema: Some("billing".into()), name: "invoices".into() };
    assert_eq!(invoices.spec.table.value, table);
    assert_eq!(invoices.spec.rows, 20_000);

    let database = invoices.database.as_ref().unwrap();
    let environment = |name: &str| Some(format!("<{name}>"));
    for (part, value) in [
        (&database.host, "<PGHOST>"),
        (&database.port, "<PGPORT>"),
        (&database.database, "<PGDATABASE>"),
        (&database.user, "<PGUSER>"),
    ] {
        assert_eq!(part.as_ref().unwrap().resolve(environment).unwrap(), value);
    }
    let missing = database.host.as_ref().unwrap().resolve(|_| None).unwrap_err();
    assert_eq!(missing.0, "PGHOST");

    let refresh = invoices.refresh.as_ref().unwrap();
    assert_eq!(refresh.schedule.value, "0 */6 * * *");
    assert_eq!((refresh.source, refresh.tag_version), (Some(DataSource::MaskedProduction), true));
}

#[test]
fn every_key_of_a_field_means_what_the_format_says() {
    let invoices = parse_as("invoices", INVOICES).unwrap();
    let names: Vec<&str> =
        invoices.spec.fields.iter().map(|field| field.name.value.as_str()).collect();
    assert_eq!(
        names,
        [
            "id",
            "reference",
            "contact",
            "tax_id",
            "total",
            "state",
            "reminded",
            "issued_at",
            "note",
            "customer_id"
        ]
    );
    let sql_type =
        |name| invoices.spec.field(name).unwrap().sql_type.as_ref().unwrap().value.clone();
    assert_eq!(sql_type("id"), SqlType::Scalar(Scalar::BigInt));
    assert_eq!(sql_type("reference"), SqlType::Scalar(Scalar::Varchar(Some(24))));
    assert_eq!(sql_type("total"), SqlType::Scalar(Scalar::Numeric(Some((10, 2)))));
    assert_eq!(sql_type("issued_at"), SqlType::Scalar(Scalar::Timestamp(None)));
    let generator = |name| invoices.spec.field(name).unwrap().generator.clone().unwrap().value;
    assert_eq!(generator("state"), "choice");
    assert!(invoices.spec.field("reference").unwrap().unique);
    assert!(!invoices.spec.field("contact").unwrap().unique);
    assert!(invoices.spec.field("contact").unwrap().masking);
    assert!(!invoices.spec.field("note").unwrap().masking);
    assert!((invoices.spec.field("note").unwrap().null_probability - 0.3).abs() < 1e-9);
    let category = invoices.spec.field("tax_id").unwrap().pii_category.as_ref();
    assert_eq!(category.unwrap().value, "ssn");

    let parameters = |name| &invoices.spec.field(name).unwrap().parameters;
    let parameter = |name, key| parameters(name).get(key).unwrap().as_text().unwrap();
    assert_eq!((parameter("id", "start"), parameter("id", "step")), ("1000", "1"));
    assert_eq!(parameter("reference", "pattern"), "INV-{{timestamp}}-{{index}}");
    assert_eq!(parameter("issued_at", "start_date"), "-30d");
    let weights = parameters("state").get("weights").unwrap();
    assert!(matches!(&weights.kind, NodeKind::Sequence(items) if items.len() == 3));
}

#[test]
fn relationships_rules_and_constraints_mean_what_the_format_says() {
    let invoices = parse_as("invoices", INVOICES).unwrap();
    let [relationship] = invoices.spec.relationships.as_slice() else {
        panic!("{:?}", invoices.spec.relationships)
    };
    assert_eq!(relationship.foreign_key[0].value, "customer_id");
    assert_eq!((&*relationship.dataset.value, &*relationship.fields[0].value), ("customers", "id"));
    assert_eq!(relationship.on_delete, OnDelete::Cascade);

    let rule = invoices.spec.masking_rule("tax_id").unwrap();
    assert_eq!(rule.rule.value, "hash_ssn");
    assert_eq!(rule.parameters.get("algorithm").unwrap().as_text(), Some("sha256"));

    let constraints: Vec<(String, Option<&str>)> = invoices
        .spec
        .constraints
        .iter()
        .map(|constraint| (constraint.sql(), constraint.description.as_deref()))
        .collect();
    assert_eq!(
        constraints,
        [
            ("contact LIKE '%@example.com'".to_owned(), Some("Only example.com addresses")),
            (r#""id" IS DISTINCT FROM NULL AND "contact" IS DISTINCT FROM NULL"#.to_owned(), None),
            ("customer_id IN (SELECT id FROM customers)".to_owned(), None),
        ]
    );
}

#[test]
fn what_is_left_out_has_its_default() {
    let tags = one_field("{ name: id, type: integer, generator: sequence }").unwrap();
    assert_eq!((tags.spec.rows, tags.spec.data_source), (100, DataSource::Synthetic));
    assert_eq!(tags.spec.table.value, TableName { schema: None, name: "tags".into() });
    assert!(tags.version.is_none() && tags.database.is_none() && tags.refresh.is_none());
    let id = tags.spec.field("id").unwrap();
    assert!(!id.unique && !id.masking && !id.is_nullable());
}

#[test]
fn truth_values_are_read_in_any_letter_case_and_only_as_such() {
    let unique = |word: &str| {
        one_field(&format!("{{ name: id, type: text, generator: uuid, unique: {word} }}"))
    };
    for (word, value) in [("true", true), ("True", true), ("TRUE", true), ("False", false)] {
        assert_eq!(unique(word).unwrap().spec.fields[0].unique, value, "{word}");
    }
    for (word, meant) in [("yes", "true"), ("No", "false"), ("on", "true"), ("OFF", "false")] {
        let mistakes = unique(word).unwrap_err().to_string();
        assert!(mistakes.contains(&format!("did you mean `{meant}`?")), "{mistakes}");
    }
}

#[test]
fn a_category_means_to_mask() {
    let masking = |more: &str| {
        let field = format!("{{ name: note, type: text, generator: word, {more} }}");
        one_field(&field).unwrap().spec.field("note").unwrap().masking
    };
    assert!(masking("pii_category: email"));
    assert!(masking("pii_category: email, masking: true"));
    assert!(!masking("pii_category: email, masking: false"));
}

#[test]
fn a_foreign_key_that_is_no_field_is_one_all_the_same() {
    let spec = "  table: tags
  fields:
    - { name: id, type: integer, generator: sequence }
  relationships:
    - { foreignKey: user_id, references: shop.users.id, onDelete: SET NULL }
";
    let tags = tags(spec).unwrap();
    let key = tags.spec.field("user_id").unwrap();
    assert!(key.sql_type.is_none() && key.generator.is_none());
    let relationship = &tags.spec.relationships[0];
    assert_eq!(
        (&*relationship.dataset.value, &*relationship.fields[0].value),
        ("shop.users", "id")
    );
    assert_eq!(relationship.on_delete, OnDelete::SetNull);
}

#[test]
fn a_reference_is_a_relationship_all_the_same() {
    let field = "{ name: user_id, type: integer, generator: reference, reference_table: users, reference_field: id }";
    let tags = one_field(field).unwrap();
    assert_eq!(tags.spec.relationships[0].foreign_key[0].value, "user_id");
    assert_eq!(tags.spec.relationships[0].dataset.value, "users");
    assert_eq!(tags.spec.relationships[0].on_delete, OnDelete::NoAction);
}

#[test]
fn the_generator_null_needs_no_quotes() {
    for word in ["null", "\"null\"", "Null"] {
        let field = format!("{{ name: reason, type: text, generator: {word} }}");
        let tags = one_field(&field).unwrap();
        let reason = tags.spec.field("reason").unwrap();
        assert_eq!(reason.generator.as_ref().unwrap().value, "null", "{word}");
        assert!(reason.is_nullable());
    }
    for nothing in ["~", ""] {
        let field = format!("{{ name: reason, type: text, generator: {nothing} }}");
        let mistakes = one_field(&field).unwrap_err().to_string();
        assert!(mistakes.contains("the field `reason` has no generator"), "{mistakes}");
    }
}

#[test]
fn a_generator_whose_key_is_misspelled_is_told_at_that_key() {
    for key in ["generater", "genrator", "generators"] {
        let field = format!("{{ name: id, type: integer, {key}: sequence }}");
        let mistakes = one_field(&field).unwrap_err().to_string();
        let help = format!("`{key}` is no key: did you mean `generator`?");
        assert!(mistakes.contains(&help), "{mistakes}");
    }
}

#[test]
fn words_are_read_in_any_letter_case() {
    let spec = "  source: Masked-Production
  table: tags
  fields:
    - { name: id, type: INTEGER, generator: sequence }
";
    let text = document(spec).replace("DataDefinition", "datadefinition");
    assert_eq!(parse_as("tags", &text).unwrap().spec.data_source, DataSource::MaskedProduction);
}

#[test]
fn block_style_anchors_and_windows_line_ends_are_yaml_too() {
    let spec = "  table: tags
  fields:
    - name: id
      type: integer
      generator: sequence
    - &counted
      name: size
      type: integer
      generator: random_int
  validation:
    - constraint: >-
        size
        > 0
";
    for text in [document(spec), document(spec).replace('\n', "\r\n")] {
        let tags = parse_as("tags", &text).unwrap();
        assert_eq!(tags.spec.fields.len(), 2);
        assert_eq!(tags.spec.constraints[0].sql(), "size > 0");
    }
}

/// Every kind of mistake, with what is wrong in the title and the lines it is made in.
const MISTAKES: &[(&str, &str)] = &[
    (
        "a table that cannot be",
        "  table: a.b.c
  fields: [{ name: id, type: integer, generator: sequence }]
",
    ),
    ("everything missing", "  {}\n"),
    ("spec is a list", "  - table: tags\n"),
    (
        "no fields",
        "  table: tags
  fields: []
",
    ),
    (
        "lists and mappings in each other's place",
        "  table: [tags]
  volume: 100
  database: local
  fields: { name: id, type: integer }
  relationships: users
  masking_rules: [redact]
  validation: id > 0
  refresh: daily
",
    ),
    (
        "unknown keys everywhere",
        "  tabel: tags
  table: tags
  database: { engin: postgresql, connection: { hots: localhost } }
  volume: { cuont: 5 }
  fields:
    - { name: id, typ: integer, type: integer, generator: sequence }
    - { name: user_id, type: integer }
  relationships:
    - { foreign_key: user_id, foreignKey: user_id, references: users.id, on_delete: cascade }
  validation:
    - { constraint: id > 0, descripton: positive }
  refresh: { schedule: '0 0 * * *', scource: snapshot }
  colour: green
",
    ),
    (
        "missing keys everywhere",
        "  fields:
    - { type: integer, generator: sequence }
    - { name: size, generator: random_int }
    - { name: kind, type: text }
  relationships:
    - { onDelete: cascade }
  masking_rules:
    - { field: kind }
    - { rule: redact }
  validation:
    - { description: nothing }
  refresh: { tag_version: true }
",
    ),
    (
        "values that cannot be",
        "  source: sintetic
  table: my tags
  database: { engine: mysql, connection: { host: '${}', port: '${PGPORT', user: '${PG USER}' } }
  volume: { count: many, distribution: normal }
  fields:
    - { name: id, type: integer, generator: sequence, unique: yes please }
    - { name: the size, type: integer, generator: random_int, masking: 1 }
    - { name: kind, type: text, generator: word, null_probability: 1.5 }
    - { name: sort, type: text, generator: word, null_probability: often }
    - { name: user_id, type: integer }
  relationships:
    - { foreignKey: user_id, references: users.id, onDelete: explode }
  refresh: { schedule: 'every 6 hours', source: nowhere, tag_version: 2 }
",
    ),
    (
        "types that cannot be",
        "  table: tags
  fields:
    - { name: a, type: varchar(0), generator: word }
    - { name: b, type: integer(4), generator: sequence }
    - { name: c, type: varchar(0), generator: word }
    - { name: d, type: 'decimal(2,10)', generator: random_decimal }
    - { name: e, type: varchar(10, generator: word }
    - { name: f, type: drop table, generator: word }
    - { name: g, type: timestmap, generator: datetime_between }
    - { name: h, type: [integer], generator: sequence }
    - { name: i, type: varchar(5) not null, generator: word }
    - { name: j, type: 'text[]; drop table x; --', generator: word }
  masking_rules:
    - { field: a, rule: redact }
",
    ),
    (
        "the same twice",
        "  table: tags
  table: tags
  fields:
    - { name: id, type: integer, generator: sequence, type: bigint }
    - { name: kind, type: text, generator: word }
    - { name: kind, type: text, generator: sentence }
    - { name: user_id, type: integer }
  relationships:
    - { foreignKey: user_id, references: users.id }
    - { foreignKey: user_id, references: accounts.id }
  masking_rules:
    - { field: kind, rule: redact }
    - { field: kind, rule: replace_name }
",
    ),
    (
        "masking rules for fields that are not there",
        "  table: tags
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: email, type: text, generator: email }
  masking_rules:
    - { field: emial, rule: anonymize_email }
    - { field: phone, rule: redact_phone }
",
    ),
    (
        "foreign keys to nowhere",
        "  table: tags
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: a_id, type: integer }
    - { name: b_id, type: integer, generator: random_int }
    - { name: c_id, type: integer, generator: reference }
    - { name: d_id, type: integer, generator: reference, reference_table: users }
    - { name: e_id, type: integer, generator: reference, reference_table: users, reference_field: id }
    - { name: f_id, type: integer, generator: reference, reference_table: users, reference_field: code }
  relationships:
    - { foreignKey: a_id, references: users }
    - { foreignKey: b_id, references: users.id }
    - { foreignKey: e_id, references: accounts.id }
    - { foreignKey: f_id, references: users.id }
    - { foreignKey: g_id, references: .id }
",
    ),
    (
        "a key that is no word",
        "  table: tags
  [a, b]: c
",
    ),
    ("an alias without an anchor", "  table: *tags\n"),
    (
        "umlauts before the mistake",
        "  table: tags # Gr\u{f6}\u{df}en \u{2013} f\u{fc}r alle
  fields: [{ name: 'gr\u{f6}\u{df}e', type: 'varchar(0)', generator: sequence }]
",
    ),
];

/// Mistakes in the document around `spec`.
const DOCUMENTS: &[(&str, &str)] = &[
    ("nothing at all", ""),
    ("only a comment", "# to be written\n"),
    (
        "not YAML",
        "apiVersion: data.automation/v1\nkind: [DataDefinition\nmetadata: { name: tags }\n",
    ),
    ("a tab for indentation", "apiVersion: data.automation/v1\nspec:\n\ttable: tags\n"),
    ("an open quote", "apiVersion: data.automation/v1\nmetadata:\n  name: \"tags\n"),
    (
        "two documents",
        "apiVersion: data.automation/v1\nkind: DataDefinition\n---\napiVersion: data.automation/v1\n",
    ),
    ("a list", "- apiVersion: data.automation/v1\n"),
    ("a word", "tags\n"),
    ("an empty mapping", "{}\n"),
    (
        "wrong words and names",
        "apiVersion: data.automation/v2
kind: Dataset
metadata:
  nmae: tags
  name: tag
  version: 1.2
spec:
  table: tags
  fields: [{ name: id, type: integer, generator: sequence }]
sepc: {}
",
    ),
    (
        "metadata in the wrong shape",
        "apiVersion: [data.automation/v1]
kind:
metadata: tags
spec:
  table: tags
  fields: [{ name: id, type: integer, generator: sequence, type: text }]
",
    ),
];

#[test]
fn every_mistake_is_told_where_it_was_made() {
    let mut told = String::new();
    let documents = DOCUMENTS.iter().map(|(title, text)| (*title, (*text).to_owned()));
    let specs = MISTAKES.iter().map(|(title, spec)| (*title, document(spec)));
    for (title, text) in documents.chain(specs) {
        let mistakes = parse_as("tags", &text).expect_err(title);
        writeln!(told, "## {title}\n\n{mistakes}\n").unwrap();
    }
    insta::assert_snapshot!("mistakes", told);
}

/// Fields as people write them, whom YAML reads otherwise.
const SLIPS: &[&str] = &[
    "{ name: a, type: numeric(6,2), generator: random_decimal }",
    "{ name: a, type: numeric( 6, 2 )[], generator: null, uniqe: true }",
    "{ name: a, type: text, generator: choice, choices: [f(1,2), g] }",
    "{ name: a, type: text[], generator: null }",
    "{ name: a, type: text, generator: choice, choices: [text[]] }",
    "{ name: a, type: text, generator: pattern, pattern: {{index}} }",
    "{ name: a, type: text, generator: pattern, pattern: a-{{index}}-b, unique: true }",
    "name: a\n      type: text\n      generator: pattern\n      pattern: {{index}}@x\n      unique: true",
    "name: a\n      type: text\n      generator: pattern\n      pattern: item #{{index}}",
    "{ name: a, type: text, generator: pattern, pattern: item #{{index}} }",
    "{ name: a, type: text, generator: constant, value: @b }",
    "{ name: a, type: text, generator: constant, value: %b }",
    "{ name: a, type: text, generator: constant, value: `b }",
    "{ name: a, type: text, generator: constant, value: *b }",
    "{ name: a, type: text, generator: constant, value: &b }",
    "{ name: a, type: text, generator: constant, value: !b }",
    "name: a\n      type: text\n      generator: constant\n      value: b: c",
    "name: a\n\t  type: text",
    "{ name: a, type: text, generator: constant, value: \"b }",
    "{ name: a, type: text, generator: constant, value: 'it's' }",
    "{ name: a, type: text, generator: constant, value: \"\\d\" }",
    "{ name:a, type: text, generator: constant, value: b }",
    "{ name: a type: text, generator: constant, value: b }",
    "{ name: a, type: text, generator: constant, value: b",
    "{ name: a, type: text, generator: constant, value: b ]",
    "name: a\n     type: text",
    "{ name: a, type: text, generator: constant, value: b, value: c }",
    "{ name: a, type: text, generator: constant, value: b, c, d e }",
    "{ name: a, type: text, generator: word, unique }",
];

#[test]
fn slips_of_yaml_are_told_with_what_to_write() {
    let mut told = String::new();
    for slip in SLIPS {
        let mistakes = one_field(slip).expect_err(slip);
        writeln!(told, "## {slip}\n\n{mistakes}\n").unwrap();
    }
    insta::assert_snapshot!("slips", told);
}

#[test]
fn quotes_mend_the_slips() {
    for field in [
        "{ name: a, type: \"numeric(6,2)\", generator: random_decimal }",
        "{ name: a, type: \"text[]\", generator: constant, value: \"&b\" }",
        "{ name: a, type: text, generator: pattern, pattern: \"item #{{index}}\" }",
        // Comments are comments.
        "name: a\n      type: text\n      generator: sequence # {{row}} in patterns",
        "name: a\n      type: text\n      generator: word  #\t{{index}}",
        "name: a\n      type: text\n      generator: word ## {{index}}",
        "{ name: a, type: text, generator: constant, value: \"b, c\" }",
        // A key with a colon has a value, and be it null.
        "{ name: a, type: text, generator: word, description: }",
        "{ name: a, type: text, generator: word, description : , unique: }",
        // Aliases are YAML's, and read.
        "{ name: a, type: &t text, generator: constant, value: *t }",
    ] {
        assert!(one_field(field).is_ok(), "{field}: {}", one_field(field).unwrap_err());
    }
}

#[test]
fn names_near_postgresqls_own_may_be_types_that_migrations_make() {
    let names = [
        "rate",
        "game",
        "posint",
        "moneys",
        "integr",
        "varhcar(20)",
        "'\"Integr\"'",
        "shop.integr",
    ];
    for name in names {
        let field = format!("{{ name: id, type: {name}, generator: word }}");
        assert!(one_field(&field).is_ok(), "{name}");
    }
}

#[test]
fn a_mistake_in_a_type_hides_no_other() {
    let spec = "  table: tags
  fields:
    - { name: a, type: varchar(0), generator: word }
    - { name: a, type: text, generator: word }
  masking_rules:
    - { field: a, rule: redact }
";
    let mistakes = tags(spec).unwrap_err();
    let codes: Vec<&str> = mistakes.iter().map(|mistake| mistake.code()).collect();
    assert_eq!(codes, ["definition::type", "definition::duplicate"]);
    assert_eq!(
        mistakes.iter().map(|mistake| mistake.location().unwrap().1).collect::<Vec<_>>(),
        [7, 8]
    );
}

#[test]
fn a_relationship_finds_its_dataset_by_name_or_by_table() {
    let mut library = Library::default();
    library.insert(Source::new("invoices.yaml", INVOICES), "invoices", None);
    let people = document(
        "  table: billing.customers\n  fields: [{ name: id, type: integer, generator: sequence }]\n",
    );
    library.insert(Source::new("people.yaml", people.replace("tags", "people")), "people", None);
    let invoices = library.get("invoices").unwrap().unwrap();
    assert_eq!(library.referenced(&invoices.relationships[0]), Some("people"));
    let names: Vec<String> = library
        .closure(["invoices"])
        .unwrap()
        .iter()
        .map(|definition| definition.name.value.clone())
        .collect();
    assert_eq!(names, ["invoices", "people"]);
}

#[test]
fn variables_need_no_quotes_wherever_they_stand() {
    let spec = "  database:
    connection: { host: ${PGHOST:-localhost}, port: '${PGPORT:-5432}', user: ${}, password: a${B}c }
  table: tags
  fields: [{ name: id, type: text, generator: pattern, pattern: '${{index}}' }]
";
    let mistakes = tags(spec).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{mistakes}");
    assert_eq!(mistakes.iter().next().unwrap().location().unwrap().1, 6);

    let tags = tags(&spec.replace(" user: ${},", "")).unwrap();
    let database = tags.database.as_ref().unwrap();
    assert_eq!(database.host.as_ref().unwrap().resolve(|_| None).unwrap(), "localhost");
    let password = database.password.as_ref().unwrap();
    assert_eq!(password.resolve(|_| Some("b".into())).unwrap(), "abc");
    let pattern = tags.spec.fields[0].parameters.get("pattern").unwrap();
    assert_eq!(pattern.as_text(), Some("${{index}}"));
}

#[test]
fn characters_for_private_use_stay_what_they_are() {
    for text in ["\u{f8f0}\u{f8f1}\u{f8ff}\u{f8fe}", "\\uF8FF\\uf8fe"] {
        let spec = format!(
            "  database: {{ connection: {{ host: ${{PGHOST}} }} }}
  table: tags
  fields: [{{ name: id, type: text, generator: constant, value: \"{text}\" }}]
"
        );
        let tags = tags(&spec).unwrap();
        let value = tags.spec.fields[0].parameters.get("value").unwrap().as_text().unwrap();
        assert!(!value.contains(['{', '}']) && value.ends_with("\u{f8ff}\u{f8fe}"), "{value:?}");
        let host = tags.database.as_ref().unwrap().host.clone().unwrap();
        assert_eq!(host.resolve(|_| Some("here".into())).unwrap(), "here");
    }
}
