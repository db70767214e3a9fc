use tdata::Record;

#[derive(Record)]
#[record(dataset = "organizations", partial)]
struct Organization {
    id: i32,
    motto: String,
    parent_id: i32,
}

fn main() {}
