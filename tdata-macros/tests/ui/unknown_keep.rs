use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"], keep = on_failur)]
#[test]
fn near() {}

#[requires_test_data(datasets = ["users"], keep = "yes")]
#[test]
fn far() {}

#[requires_test_data(datasets = ["users"], keep = true)]
#[test]
fn no_word() {}

fn main() {}
