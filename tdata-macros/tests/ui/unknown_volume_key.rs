use tdata::requires_test_data;

#[requires_test_data(datasets = ["orders"], volume = { users = 5, order = 10, payments = 10 })]
#[test]
fn pays() {}

#[requires_test_data(datasets = ["orders"], volume = { orders = 5, "orders" = 10 })]
#[test]
fn twice() {}

fn main() {}
