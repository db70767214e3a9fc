use tdata::Record;

struct Email(String);

#[derive(Record)]
#[record(dataset = "users", partial)]
struct User {
    id: i32,
    email: Email,
}

fn main() {}
