use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"], seed = "seven")]
#[test]
fn pays() {}

fn main() {}
