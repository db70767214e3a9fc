use tdata::requires_test_data;

#[requires_test_data(
    datasets = ["usres", "orders", "orders"],
    volume = { ordres = 50, users = lots },
    scope = "test_suite",
    isolation = "schemas",
    aply_masking = false,
    seed = -1,
)]
async fn pays() {}

fn main() {}
