use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"])]
mod payments {
    pub fn pay() {}
}

fn main() {}
