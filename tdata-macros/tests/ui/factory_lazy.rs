use tdata::{Factory, Record};

#[derive(Clone, Record, Factory)]
#[record(dataset = "users", partial)]
struct User {
    id: i32,
    #[factory(lazy = |u| u.full_name.to_lowercase())]
    email: String,
    #[factory(lazy = |u| format!("{} {}", u.frist_name, u.last_name))]
    first_name: String,
    #[factory(lazy = |u| name(&u))]
    last_name: String,
    #[factory(lazy = |user| user.initials())]
    address: String,
    #[factory(lazy = "unknown")]
    phone: String,
}

#[derive(Clone, Record, Factory)]
struct Box {
    id: i32,
    #[factory(lazy = |b| b.height * 2)]
    width: i32,
    #[factory(lazy = |b| b.depth + 1)]
    height: i32,
    #[factory(lazy = |b| b.width - 1)]
    depth: i32,
}

#[derive(Clone, Record, Factory)]
struct Secret {
    id: i32,
    #[factory(default = "secret")]
    word: String,
    #[factory(lazy = |s| s.word)]
    copy: String,
}

fn name(_: &User) -> String {
    String::new()
}

fn main() {
    UserFactory::new().build();
    BoxFactory::new().width(3).build();
}
