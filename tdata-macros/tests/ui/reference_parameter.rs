use tdata::{TestData, requires_test_data};

#[requires_test_data(datasets = ["users"])]
#[test]
fn pays(data: &TestData) {}

#[requires_test_data(datasets = ["users"])]
#[test]
fn refunds(data: impl Into<TestData>) {}

fn main() {}
