use tdata::{Factory, Record};

#[derive(Clone, Record, Factory)]
struct Line {
    id: i32,
    #[factory(default = 5, sequence = |n| n as i32)]
    quantity: i32,
    sku: String,
    #[record(skip)]
    #[factory(generator = "word")]
    remark: String,
    #[factory(has_many = NoteFactory, by = line_id)]
    note: i32,
    #[record(skip)]
    #[factory(has_many = NoteFactory)]
    notes: Vec<Note>,
}

#[derive(Clone, Record, Factory)]
struct Note {
    id: i32,
    #[factory(association = LineFactory)]
    line_id: i32,
}

fn main() {
    LineFactory::new().quantity(2).sku("x").build();
}
