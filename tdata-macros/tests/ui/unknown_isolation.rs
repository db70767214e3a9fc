use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"], isolation = transactional)]
#[test]
fn near() {}

#[requires_test_data(datasets = ["users"], isolation = "container")]
#[test]
fn far() {}

fn main() {}
