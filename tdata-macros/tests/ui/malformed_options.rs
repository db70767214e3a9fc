use tdata::requires_test_data;

#[requires_test_data("users")]
#[test]
fn no_name() {}

#[requires_test_data(datasets = ["users"] seed = 7)]
#[test]
fn no_comma() {}

#[requires_test_data(datasets = ["users"], apply_masking = "no", writable, crate = 5)]
#[test]
fn no_values() {}

fn main() {}
