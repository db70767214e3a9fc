mod unknown {
    tdata::records!(usres, orders);

    fn is_record(order: Order) -> impl tdata::Record {
        order
    }
}

mod named {
    tdata::records!(users = Person, orders = Person);
}

mod twice {
    tdata::records!(users, users);
}

mod malformed {
    tdata::records!(users orders);
}

mod value {
    tdata::records!(users = 5);
}

mod factories {
    tdata::records!(users, accounts = UserFactory, factories = true);
}

fn main() {}
