use tdata::{Factory, Record};

#[derive(Record, Factory)]
#[record(dataset = "users", partial)]
#[factory(trait(verified, is_verified = true))]
struct User {
    id: i32,
    email: String,
    is_verified: bool,
}

fn main() {
    UserFactory::verifed().build();
    UserFactory::verified().emial("ada@example.com").build();
    UserFactory::new().verifed().build();
}
