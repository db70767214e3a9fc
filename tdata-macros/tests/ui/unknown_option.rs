use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"], isolaton = "full")]
#[test]
fn pays() {}

fn main() {}
