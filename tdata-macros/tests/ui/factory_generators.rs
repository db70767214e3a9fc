use tdata::{Factory, Record};

#[derive(Clone, Record, Factory)]
#[record(table = "lines")]
struct Line {
    id: i32,
    #[factory(generator = "frist_name")]
    buyer: String,
    #[factory(generator = "first_name")]
    quantity: i32,
    #[factory(generator = "random_int, mim: 1")]
    size: i32,
    #[factory(generator = "random_int, max: 5 }")]
    weight: i32,
    #[factory(generator = "word, null_probability: 0.5")]
    remark: String,
    #[factory(generator = "reference, reference_table: orders, reference_field: id")]
    order_id: i32,
}

fn main() {
    LineFactory::new().quantity(2).build();
}
