use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"], version = "1.2")]
#[test]
fn pays() {}

fn main() {}
