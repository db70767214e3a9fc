use tdata::{Factory, Record};

#[derive(Clone, Record, Factory)]
#[factory(traits(verified, is_verified = true), name = Users, name = People)]
#[factory(transient(word: bool = false, loud: bool, loud: bool))]
#[factory(after_built = tidy)]
struct User {
    id: i32,
    #[factory(defualt = "x")]
    word: String,
    #[factory(default)]
    other: String,
    #[factory(by = user_id)]
    third: Option<String>,
}

fn main() {
    People::new().build();
}
