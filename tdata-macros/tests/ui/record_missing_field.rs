use tdata::Record;

#[derive(Record)]
#[record(dataset = "orders")]
struct Order {
    id: i32,
    order_number: String,
    status: String,
}

fn main() {}
