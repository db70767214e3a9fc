//! What the compiler says to mistakes in the use of the macros, word by word.

/// The cases, each a file of `tests/ui/` with the compiler's answer beside it.
const CASES: &[&str] = &[
    "async_client_in_sync",
    "async_without_runtime",
    "below_the_test_attribute",
    "cfg_on_a_parameter",
    "client_in_async",
    "duplicate_dataset",
    "duplicate_option",
    "empty_datasets",
    "factory_generators",
    "factory_has_many",
    "factory_lazy",
    "factory_misspelt_use",
    "factory_options",
    "factory_sources",
    "factory_traits",
    "factory_wrong_type",
    "field_type_choices",
    "field_type_shapes",
    "malformed_as_of",
    "malformed_datasets",
    "malformed_options",
    "malformed_seed",
    "malformed_version",
    "malformed_volume",
    "missing_datasets",
    "mistake_beside_rstest",
    "mistakes_in_a_module",
    "module_in_another_file",
    "module_without_tests",
    "not_a_function",
    "not_a_test_function",
    "parameter_cannot_be_injected",
    "parameter_cannot_be_injected_in_async",
    "pool_of_another_version",
    "record_follow",
    "record_missing_field",
    "record_not_nullable",
    "record_options",
    "record_other_choices",
    "record_unknown_dataset",
    "record_unknown_field",
    "record_unsupported_type",
    "record_wrong_type",
    "records_options",
    "reference_parameter",
    "requires_test_data_twice",
    "several_mistakes_at_once",
    "unknown_dataset",
    "unknown_isolation",
    "unknown_keep",
    "unknown_option",
    "unknown_scope",
    "unknown_volume_key",
];

#[test]
fn mistakes_are_told_where_they_are() {
    let cases = trybuild::TestCases::new();
    for case in CASES {
        cases.compile_fail(format!("tests/ui/{case}.rs"));
    }
}
