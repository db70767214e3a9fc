use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"])]
#[derive(Debug)]
pub struct Payment {
    pub id: i32,
}

pub fn print(payment: &Payment) {
    println!("{payment:?} {}", payment.id);
}

fn main() {}
