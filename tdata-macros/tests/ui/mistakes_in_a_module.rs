use tdata::requires_test_data;

#[requires_test_data(datasets = ["users"], scop = shared)]
mod payments {
    pub struct Payment;

    #[test]
    fn pays(payment: Payment) {
        let _ = payment;
    }
}

fn main() {}
