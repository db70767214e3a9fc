use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"])]
pub const fn constant() {}

#[requires_test_data(datasets = ["users"])]
pub fn generic<T>(_: T) {}

pub struct Payment;

impl Payment {
    #[requires_test_data(datasets = ["users"])]
    pub fn method(&self) {}
}

fn main() {}
