use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"], scope = "test_clas")]
#[test]
fn near() {}

#[requires_test_data(datasets = ["users"], scope = session)]
#[test]
fn far() {}

#[requires_test_data(datasets = ["users"], scope = 1)]
#[test]
fn no_word() {}

fn main() {}
