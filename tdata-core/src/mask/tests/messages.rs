//! What is said to rules that are wrong.

use std::fmt::Write;

use super::samples::{build, development};

#[test]
fn messages() {
    let mut messages = String::new();
    for (technique, sql_type, extra) in [
        ("anonymize_email", "varchar(15)", ""),
        ("anonymize_email", "text", ", mail_domain: not a domain"),
        ("anonymize_email", "varchar(30)", ", mail_domain: mail.department.example.com"),
        ("anonymize_email", "text", ", mail_domain: [example.com]"),
        ("anonymize_email", "text", ", domain: example.org"),
        ("anonymize_email", "text", ", domain: Person"),
        ("hash_ssn", "text", ", domain: example.org"),
        ("hash_ssn", "text", ", normalize: nfd"),
        ("anonymize_ip", "varchar(8)", ""),
        ("date_of_birth", "char(9)", ""),
        ("generalize_user_agent", "varchar(4)", ""),
        ("hash_ssn", "text", ", algorithm: sha265"),
        ("hash_ssn", "text", ", algorithm: md5"),
        ("randomize_address", "varchar(5)", ""),
        ("randomize_address", "varchar(20)", ", part: full"),
        ("randomize_address", "char(1)", ", part: state"),
        ("randomize_address", "text", ", part: ctiy"),
        ("redact", "varchar(5)", ", value: anonymous"),
        ("redact_phone", "varchar(7)", ""),
        ("redact_phone", "varchar(10)", ", country_code: GB"),
        ("redact_phone", "text", ", country_code: NZ"),
        ("replace_name", "varchar(1)", ", part: first"),
        ("replace_name", "text", ", part: middle"),
        ("shift_date", "varchar(9)", ""),
        ("shift_date", "date", ", max_days: soon"),
        ("shift_date", "date", ", max_days: 0"),
        ("shift_date", "date", ", max_days: 3651"),
    ] {
        let message = build(technique, sql_type, extra, &development()).unwrap_err();
        writeln!(messages, "{message}\n").unwrap();
    }
    insta::assert_snapshot!(messages);
}
