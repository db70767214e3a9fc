use tdata::requires_test_data;

#[requires_test_data(datasets = "users")]
#[test]
fn no_list() {}

#[requires_test_data(datasets = [users, "orders"])]
#[test]
fn no_quotes() {}

#[requires_test_data(datasets = ["users" "orders"])]
#[test]
fn no_comma() {}

fn main() {}
