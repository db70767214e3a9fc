use tdata::requires_test_data;

#[requires_test_data(datasets = ["users", "orders", "users"])]
#[test]
fn pays() {}

fn main() {}
