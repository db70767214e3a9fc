use tdata::{TestData, requires_test_data};

// These cases are compiled as programs, where what is only a `#[test]` is left out.
#[cfg_attr(test, test)]
#[requires_test_data(datasets = ["users"])]
fn pays(data: TestData) {
    drop(data);
}

fn main() {}
