use rstest::rstest;
use tdata::requires_test_data;

#[requires_test_data(datasets = ["user"])]
#[rstest]
#[case(1)]
fn pays(#[case] amount: u32) {
    let _ = amount;
}

fn main() {}
