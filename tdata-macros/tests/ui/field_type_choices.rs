use tdata::FieldType;

#[derive(FieldType)]
#[field(choices = "users.status")]
enum Misspelt {
    Actve,
    Inactive,
    Suspended,
}

#[derive(FieldType)]
#[field(choices = "users.status", rename_all = "UPPERCASE")]
enum Shouted {
    Active,
    Inactive,
    Suspended,
}

#[derive(FieldType)]
#[field(choices = "users.status")]
enum Short {
    Active,
}

#[derive(FieldType)]
#[field(choices = "users.email")]
enum Email {
    Work,
}

#[derive(FieldType)]
#[field(choices = "users.statsu")]
enum Status {
    Active,
}

#[derive(FieldType)]
#[field(choices = "user.status")]
enum User {
    Active,
}

fn is_field_type<T: FieldType>() {}

fn main() {
    is_field_type::<Misspelt>();
    is_field_type::<Shouted>();
    is_field_type::<Email>();
}
