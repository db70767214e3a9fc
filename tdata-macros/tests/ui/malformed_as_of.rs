use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"], as_of = "01.05.2024")]
#[test]
fn pays() {}

fn main() {}
