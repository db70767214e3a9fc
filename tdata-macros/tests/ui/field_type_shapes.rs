use tdata::FieldType;

#[derive(FieldType)]
enum Shape {
    Circle(f64),
    #[field(rename = "box")]
    Square,
    #[field(renam = "box")]
    Box,
    #[field(rename = "box")]
    Cube,
}

#[derive(FieldType)]
enum Nothing {}

#[derive(FieldType)]
#[field(rename_all = "kebab")]
struct Meters(f64);

#[derive(FieldType)]
struct Point {
    x: i32,
}

#[derive(FieldType)]
struct Address(std::net::TcpStream);

fn main() {}
