use tdata::requires_test_data;
use tokio_postgres::Client;

// These cases are compiled as programs, where what is only a `#[test]` is left out.
#[requires_test_data(datasets = ["users"])]
#[cfg_attr(test, test)]
fn pays(client: Client) {
    drop(client);
}

fn main() {
    pays();
}
