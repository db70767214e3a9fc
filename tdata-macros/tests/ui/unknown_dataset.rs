use tdata::requires_test_data;

#[requires_test_data(datasets = ["usres", "orders", "invoices"])]
#[test]
fn pays() {}

fn main() {}
