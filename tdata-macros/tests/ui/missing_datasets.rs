use tdata::requires_test_data;

#[requires_test_data]
#[test]
fn nothing() {}

#[requires_test_data(volume = 50)]
#[test]
fn only_volume() {}

fn main() {}
