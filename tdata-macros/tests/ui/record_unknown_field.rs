use tdata::Record;

#[derive(Record)]
#[record(dataset = "users", partial)]
struct User {
    id: i32,
    emial: String,
    #[record(rename = "shoe_size")]
    shoes: i32,
    #[record(rename = "id")]
    number: i32,
}

fn is_record<T: Record>() {}

fn main() {
    is_record::<User>();
}
