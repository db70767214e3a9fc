use tdata::{Factory, Record};

#[derive(Record, Factory)]
#[record(dataset = "users", partial)]
#[factory(trait(verified, is_verifed = true))]
#[factory(trait(suspended, status))]
#[factory(trait(late, lonely = 5), trait(email, id = 1), trait(build, id = 2), trait())]
struct User {
    id: i32,
    email: String,
    status: String,
    is_verified: bool,
}

fn main() {
    UserFactory::verified().suspended().build();
}
