use tdata::{Keyed, Record};

#[derive(Record)]
#[record(dataset = "usres")]
struct User {
    id: i32,
}

#[derive(Record)]
#[record(dataset = "users", table = "users", partial)]
struct Person {
    id: i32,
}

#[derive(Record)]
#[record(table = "a.b.c")]
struct Thing {
    id: i32,
}

fn is_keyed<T: Keyed>() {}

fn main() {
    is_keyed::<User>();
    is_keyed::<Person>();
    is_keyed::<Thing>();
}
