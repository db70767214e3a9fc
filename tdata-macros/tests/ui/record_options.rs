use tdata::Record;

#[derive(Record)]
#[record(datset = "users")]
struct User {
    id: i32,
}

#[derive(Record)]
struct Point {
    #[record(key, primary)]
    x: i32,
    #[record(key)]
    y: i32,
    #[record(skip, rename = "z")]
    z: i32,
    #[record(follow = 5)]
    color: String,
}

#[derive(Record)]
struct Pair(i32, i32);

#[derive(Record)]
enum Status {
    Active,
}

#[derive(Record)]
struct Page<T> {
    id: T,
}

fn main() {}
