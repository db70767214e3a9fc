mod unknown {
    tdata_macros::records!(usres, orders);

    fn is_record(order: Order) -> impl tdata::Record {
        order
    }
}

mod named {
    tdata_macros::records!(users = Person, orders = Person);
}

mod twice {
    tdata_macros::records!(users, users);
}

mod malformed {
    tdata_macros::records!(users orders);
}

mod value {
    tdata_macros::records!(users = 5);
}

fn main() {}
