use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"])]
#[requires_test_data(datasets = ["orders"])]
#[test]
fn pays() {}

fn main() {}
