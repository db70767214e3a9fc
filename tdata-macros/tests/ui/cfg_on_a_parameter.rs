use tdata::{TestData, requires_test_data};

#[requires_test_data(datasets = ["users"])]
#[cfg_attr(test, test)]
fn pays(#[cfg(unix)] data: TestData) {}

fn main() {}
