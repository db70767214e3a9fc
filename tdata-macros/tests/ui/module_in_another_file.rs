use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"])]
#[path = "module_in_another_file/payments.rs"]
mod payments;

fn main() {}
