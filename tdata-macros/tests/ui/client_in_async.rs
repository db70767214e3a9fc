use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"])]
#[tokio::test]
async fn pays(client: postgres::Client) {}

fn main() {}
