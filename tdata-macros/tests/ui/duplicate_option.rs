use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"], seed = 7, seed = 8)]
#[test]
fn pays() {}

fn main() {}
