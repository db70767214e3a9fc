use tdata::Record;

#[derive(Record)]
#[record(dataset = "users", partial)]
struct User {
    id: String,
    email: i32,
    account_id: i16,
}

#[derive(Record)]
#[record(dataset = "users", partial)]
struct Person {
    id: Option<String>,
    account_id: Option<i16>,
    date_of_birth: bool,
}

fn main() {}
