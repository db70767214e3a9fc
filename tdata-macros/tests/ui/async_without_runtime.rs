use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"])]
async fn pays() {}

fn main() {}
