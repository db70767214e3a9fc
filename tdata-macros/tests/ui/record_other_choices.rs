use tdata::{FieldType, Record};

#[derive(FieldType)]
enum Status {
    Active,
    Gone,
}

#[derive(FieldType)]
struct Wrapped(Status);

#[derive(Record)]
#[record(dataset = "users", partial)]
struct User {
    id: i32,
    status: Status,
}

#[derive(Record)]
#[record(dataset = "users", partial)]
struct Person {
    id: i32,
    status: Option<Wrapped>,
}

fn main() {}
