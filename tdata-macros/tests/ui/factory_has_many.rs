use tdata::{Factory, Record};

#[derive(Clone, Record, Factory)]
#[record(dataset = "orders", partial)]
struct Order {
    id: i32,
    #[record(skip)]
    #[factory(has_many = ItemFactory, by = order_id)]
    items: Vec<Item>,
}

#[derive(Clone, Record, Factory)]
#[record(dataset = "order_items", partial)]
struct Item {
    id: i64,
    order_id: i32,
}

fn main() {
    OrderFactory::new().with_items(2).build();
}
