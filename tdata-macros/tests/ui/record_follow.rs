use tdata::{Dataset, Record};

#[derive(Clone, Record)]
#[record(dataset = "users", partial)]
struct User {
    id: i32,
    #[record(follow = "mailbox")]
    email: String,
    account_id: i32,
    #[record(follow = "account")]
    organization_id: i32,
}

#[derive(Clone, Record)]
struct Point {
    #[record(follow = false)]
    id: i32,
}

fn main() {
    let users = Dataset::new("users", Vec::<User>::new());
    users[0].account(&users);
}
