use tdata::requires_test_data;

// These cases are compiled as programs, where what is only a test is left out.
#[requires_test_data(datasets = ["users"])]
#[cfg_attr(test, tokio::test)]
async fn pays(amount: u32) {
    let _ = amount;
}

fn main() {
    drop(pays());
}
