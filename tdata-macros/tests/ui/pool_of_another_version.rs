use tdata::requires_test_data;

/// It is called as the pool of a version that tdata has no feature for.
pub struct PgPool;

#[requires_test_data(datasets = ["users"])]
#[cfg_attr(test, tokio::test)]
async fn pays(pool: PgPool) {
    drop(pool);
}

fn main() {
    drop(pays());
}
