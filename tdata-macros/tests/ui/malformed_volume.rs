use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"], volume = { users = "many" })]
#[test]
fn word() {}

#[requires_test_data(datasets = ["users"], volume = { users = -5 })]
#[test]
fn negative() {}

#[requires_test_data(datasets = ["users"], volume = { users: 5 })]
#[test]
fn colon() {}

#[requires_test_data(datasets = ["users"], volume = 0.5)]
#[test]
fn fraction() {}

fn main() {}
