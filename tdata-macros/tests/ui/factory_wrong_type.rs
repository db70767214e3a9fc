use tdata::{Factory, Record};

#[derive(Clone, Record, Factory)]
#[record(dataset = "users", partial)]
#[factory(trait(suspended, is_verified = "no"))]
struct User {
    id: i32,
    #[factory(default = 5)]
    email: String,
    #[factory(sequence = |n| n)]
    first_name: String,
    #[factory(lazy = |u| u.id)]
    last_name: String,
    is_verified: bool,
}

fn main() {
    UserFactory::new().id("5").is_verified(1).build();
}
