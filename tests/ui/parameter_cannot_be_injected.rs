use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"])]
#[test]
fn pays(amount: u32) {
    let _ = amount;
}

fn main() {}
