//! Records of the example definitions: rows as structs, and the ways between them.

use tdata::__private::Value;
use tdata::__private::record::Values;
use tdata::{Dataset, FieldType, Keyed, Record, RecordError};

#[derive(Clone, Copy, Debug, PartialEq, FieldType)]
#[field(choices = "users.status")]
enum UserStatus {
    Active,
    Inactive,
    #[field(rename = "suspended")]
    Locked,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, FieldType)]
struct UserId(i32);

#[derive(Clone, Debug, PartialEq, Record)]
#[record(dataset = "accounts", partial)]
struct Account {
    id: i32,
    plan: String,
    #[record(rename = "closed_at")]
    closed: Option<tdata::Instant>,
}

#[derive(Clone, Debug, PartialEq, Record)]
#[record(dataset = "users", partial)]
struct User {
    id: UserId,
    email: String,
    status: UserStatus,
    account_id: i32,
    #[record(follow = "company")]
    organization_id: i32,
    #[record(skip)]
    orders: Vec<Order>,
}

#[derive(Clone, Debug, PartialEq, Record)]
#[record(dataset = "organizations", partial)]
struct Organization {
    id: i32,
    parent_id: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Record)]
#[record(dataset = "orders")]
struct Order {
    id: i32,
    order_number: String,
    user_id: UserId,
    total: f64,
    status: String,
    placed_at: std::time::SystemTime,
}

/// A record of memory only.
#[derive(Debug, PartialEq, Record)]
struct Point {
    id: i64,
    r#type: String,
}

#[derive(Debug, PartialEq, Record)]
#[record(table = "billing.invoices")]
struct Invoice {
    #[record(key)]
    number: String,
    id: Option<i32>,
}

fn user(id: i32, account: i32) -> User {
    User {
        id: UserId(id),
        email: format!("{id}@example.com"),
        status: UserStatus::Locked,
        account_id: account,
        organization_id: 7,
        orders: Vec::new(),
    }
}

fn read<T: Record>(mut values: Vec<Value>) -> Result<T, RecordError> {
    T::from_values(&mut Values::new(T::DESCRIPTOR, &mut values))
}

#[test]
fn rows_become_records_and_records_rows() {
    let user = user(5, 2);
    let values = user.to_values();
    assert_eq!(values.len(), 5, "a skipped field has no column");
    assert_eq!(values[2], Value::Text("suspended".to_owned()));
    assert_eq!(read::<User>(values.clone()).unwrap(), user);

    let mut values = values;
    values[2] = Value::Text("asleep".to_owned());
    let error = read::<User>(values).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the field `status` of `User` is `UserStatus`, and the row has a text there"
    );
}

#[test]
fn a_record_is_described() {
    let user = User::DESCRIPTOR;
    assert_eq!((user.record, user.dataset(), user.table()), ("User", Some("users"), Some("users")));
    let columns: Vec<_> = user.columns.iter().map(|column| column.name).collect();
    assert_eq!(columns, ["id", "email", "status", "account_id", "organization_id"]);
    assert_eq!(Account::DESCRIPTOR.columns[2].name, "closed_at");
    assert_eq!(Account::DESCRIPTOR.columns[2].rust_type, "Option<tdata::Instant>");

    let tdata::__private::record::Source::Dataset { definitions, .. } = user.source else {
        panic!("users are a dataset");
    };
    let datasets: Vec<_> = definitions.iter().map(|(dataset, _)| *dataset).collect();
    assert_eq!(datasets, ["users", "accounts", "organizations"]);
    assert!(definitions[0].1.contains("kind: DataDefinition"));

    assert_eq!(Point::DESCRIPTOR.table(), None);
    assert_eq!(Point::DESCRIPTOR.columns[1].name, "type");
    assert_eq!(Invoice::DESCRIPTOR.table(), Some("billing.invoices"));
    let invoice = Invoice { number: "R-1".to_owned(), id: None };
    assert_eq!(invoice.key(), "R-1");
}

#[test]
fn relationships_are_followed() {
    let accounts = [1, 2].map(|id| Account { id, plan: format!("plan {id}"), closed: None });
    let accounts = Dataset::new("accounts", accounts.to_vec());
    let users = Dataset::new("users", vec![user(5, 2), user(6, 1)]);
    let order = Order {
        id: 9,
        order_number: "ORD-9".to_owned(),
        user_id: UserId(6),
        total: 5.0,
        status: "paid".to_owned(),
        placed_at: std::time::SystemTime::UNIX_EPOCH,
    };
    let user = order.user(&users);
    assert_eq!(user.id, UserId(6));
    assert_eq!(user.account(&accounts).plan, "plan 1");

    let group = [(7, None), (8, Some(7))];
    let group = group.map(|(id, parent_id)| Organization { id, parent_id });
    let organizations = Dataset::new("organizations", group.to_vec());
    assert_eq!(user.company(&organizations).id, 7);
    assert_eq!(organizations[0].parent(&organizations), None);
    assert_eq!(organizations[1].parent(&organizations), Some(&organizations[0]));
}

#[test]
#[should_panic(expected = "`users.account_id` references a row that is not among")]
fn a_row_that_is_not_there_is_told() {
    user(5, 2).account(&Dataset::<Account>::new("accounts", Vec::new()));
}

#[test]
fn types_of_fields_know_what_they_hold() {
    assert_eq!(UserStatus::CHOICES, Some(&["active", "inactive", "suspended"][..]));
    assert_eq!(UserStatus::from_value(Value::Text("active".to_owned())), Ok(UserStatus::Active));
    assert_eq!(UserStatus::Inactive.to_value(), Value::Text("inactive".to_owned()));
    assert_eq!(UserId::HOLDS, i32::HOLDS);
    assert_eq!(UserId::from_value(Value::Int(3)), Ok(UserId(3)));
    assert!(UserStatus::from_value(Value::Null).is_err());
}

mod all {
    tdata::records!(crate = ::tdata);
}

mod some {
    tdata::records!(users = Customer, accounts, order_items);
}

#[test]
fn all_definitions_have_records() {
    let all = [
        all::Account::DESCRIPTOR,
        all::Order::DESCRIPTOR,
        all::OrderItem::DESCRIPTOR,
        all::Organization::DESCRIPTOR,
        all::Payment::DESCRIPTOR,
        all::User::DESCRIPTOR,
    ];
    let columns = all.map(|record| record.columns.len());
    assert_eq!(columns, [10, 7, 6, 13, 8, 13]);
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Rows are given as values, because the types of some fields depend on tdata's features.
#[test]
fn records_have_enums_and_relationships() {
    use some::{Account, AccountPlan, Customer, CustomerStatus, OrderItem};

    let line = [Value::Int(1), Value::Int(2), text("SKU-1"), Value::Int(3)];
    let price = Value::Decimal { unscaled: 50, scale: 2 };
    let line: OrderItem = read([&line[..], &[price, Value::Null]].concat()).unwrap();
    assert_eq!((line.id, line.order_id, line.quantity), (1_i64, 2_i32, 3_i16));
    assert_eq!(line.gift_note, None);

    let account = vec![
        Value::Int(4),
        Value::Uuid(7),
        text("enterprise"),
        Value::Decimal { unscaled: 0, scale: 2 },
        Value::Int(1),
        text("127.0.0.1"),
        text("a browser"),
        Value::Date(19_000),
        Value::Null,
        text("USD"),
    ];
    let account: Account = read(account).unwrap();
    assert!(account.signup_ip.is_loopback() && account.closed_at.is_none());

    let texts = ["mail", "phone", "first", "last", "ssn", "address"].map(text);
    let rest = [
        Value::Date(7_000),
        Value::Timestamp(tdata::Instant::from_micros(0)),
        text("suspended"),
        Value::Bool(true),
        Value::Int(3),
        Value::Int(4),
    ];
    let customer: Customer = read([&[Value::Int(1)], &texts[..], &rest].concat()).unwrap();
    assert_eq!(customer.status, CustomerStatus::Suspended);
    assert_eq!(CustomerStatus::CHOICES, UserStatus::CHOICES);
    let accounts = Dataset::new("accounts", vec![account]);
    assert_eq!(customer.account(&accounts).plan, AccountPlan::Enterprise);
}

mod with_factories {
    tdata::records!(accounts, organizations, users, orders, factories = true);
}

#[test]
fn records_have_factories_whose_parents_are_made() {
    use with_factories::{OrderFactory, OrderStatus, User, UserFactory};

    let order = OrderFactory::new().status(OrderStatus::Paid).build();
    assert_eq!(order.status, OrderStatus::Paid);
    let user: User = UserFactory::new().email("ada@example.com").account_id(7).build();
    assert_eq!((user.email.as_str(), user.account_id), ("ada@example.com", 7));
}

#[derive(Clone, Debug, PartialEq, FieldType)]
enum Mood {
    Calm,
    #[field(other)]
    Other(String),
}

#[test]
fn a_variant_holds_every_other_text() {
    let read = |text: &str| Mood::from_value(Value::Text(text.to_owned())).unwrap();
    assert_eq!((read("calm"), read("wild")), (Mood::Calm, Mood::Other("wild".to_owned())));
    assert_eq!(read("wild").to_value(), Value::Text("wild".to_owned()));
    assert_eq!(Mood::CHOICES, Some(&["calm"][..]));
    // In arrays, too.
    let moods = vec![Mood::Calm, Mood::Other("a,b".to_owned())];
    assert_eq!(moods.to_value(), Value::Text("{\"calm\",\"a,b\"}".to_owned()));
    assert_eq!(Vec::<Mood>::from_value(moods.to_value()), Ok(moods));
}
