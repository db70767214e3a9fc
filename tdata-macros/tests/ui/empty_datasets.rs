use tdata::requires_test_data;

#[requires_test_data(datasets = [])]
#[test]
fn pays() {}

fn main() {}
