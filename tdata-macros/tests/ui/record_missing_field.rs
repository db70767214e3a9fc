use tdata::Record;

#[derive(Record)]
#[record(dataset = "orders")]
struct Order {
    id: i32,
    total: f64,
    placed_at: tdata::Instant,
}

fn main() {}
