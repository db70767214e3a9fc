//! A checkout against the database: an order with three items, for a verified user.
//!
//! `cargo run --example checkout_with_factories`, or as tests with `cargo test --example` and the same
//! name.

use std::error::Error;

use postgres::Client;
use tdata::{Dataset, Factory, Record, TestData};

// A record and a factory for each of these definitions: `Account` and `AccountFactory`, and so on.
tdata::records!(accounts, organizations, payments, factories = true);

/// A user, with what a test of a checkout says about one.
#[derive(Clone, Debug, Record, Factory)]
#[record(dataset = "users")]
#[factory(trait(verified => is_verified = true, status = "active"))]
struct User {
    id: i32,
    email: String,
    phone: String,
    first_name: String,
    last_name: String,
    ssn: String,
    address: String,
    date_of_birth: String,
    created_at: tdata::Instant,
    status: String,
    is_verified: bool,
    #[factory(association = AccountFactory)]
    account_id: i32,
    #[factory(association = OrganizationFactory)]
    organization_id: i32,
}

/// An order, with its items at hand.
#[derive(Clone, Debug, Record, Factory)]
#[record(dataset = "orders")]
struct Order {
    id: i32,
    order_number: String,
    #[factory(association = UserFactory)]
    user_id: i32,
    #[factory(default = 0.0)]
    total: f64,
    #[factory(default = "pending")]
    status: String,
    placed_at: tdata::Instant,
    note: Option<String>,
    #[record(skip)]
    #[factory(has_many = OrderItemFactory, by = order_id)]
    items: Vec<OrderItem>,
}

/// A line of an order.
#[derive(Clone, Debug, Record, Factory)]
#[record(dataset = "order_items")]
struct OrderItem {
    id: i64,
    #[factory(association = OrderFactory)]
    order_id: i32,
    sku: String,
    quantity: i16,
    unit_price: f64,
    gift_note: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    // The tables, and nothing in them.
    let data = TestData::request(["order_items", "payments"]).every_volume(0).provision()?;
    let mut db = data.client();

    let order = OrderFactory::new()
        .user_with(|user| user.verified().first_name("Ada"))
        .with_items(2)
        .with_items_of(1, |item| item.quantity(3).unit_price(9.99))
        .create(&mut db)?;
    println!("Order {} of user {} has {} items.", order.id, order.user_id, order.items.len());

    let due = check_out(&mut db, order.id)?;
    println!("The checkout charged {due:.2}.");

    let users: Dataset<User> = data.records();
    let orders: Dataset<Order> = data.records();
    let payer = orders[0].user(&users);
    println!("It was paid by {} ({}).", payer.first_name, payer.status);
    drop(db);
    data.release();
    Ok(())
}

/// The code under test: pays an order of a verified user, and says how much it was.
fn check_out(db: &mut Client, order: i32) -> Result<f64, postgres::Error> {
    let row = db.query_one(
        "UPDATE orders SET status = 'paid', total = (
             SELECT sum(quantity * unit_price) FROM order_items WHERE order_id = orders.id
         )
         FROM users
         WHERE orders.id = $1 AND users.id = user_id AND is_verified
         RETURNING total::float8",
        &[&order],
    )?;
    Ok(row.get(0))
}

#[cfg(test)]
mod tests {
    use tdata::requires_test_data;

    use super::*;

    #[requires_test_data(datasets = ["order_items"], volume = 0)]
    #[test]
    fn a_checkout_charges_every_item(data: TestData) {
        let mut db = data.client();
        let order = OrderFactory::new()
            .user_with(|user| user.verified())
            .with_items_of(3, |item| item.quantity(2).unit_price(10.0))
            .create(&mut db)
            .unwrap();
        assert_eq!(check_out(&mut db, order.id).unwrap(), 60.0);
    }

    #[requires_test_data(datasets = ["order_items"], volume = 0)]
    #[test]
    fn who_is_not_verified_cannot_check_out(data: TestData) {
        let mut db = data.client();
        let user = UserFactory::new().is_verified(false).create(&mut db).unwrap();
        let orders =
            OrderFactory::new().user(&user).with_items(1).create_batch(2, &mut db).unwrap();
        for order in orders {
            assert!(check_out(&mut db, order.id).is_err());
        }
    }

    #[requires_test_data(datasets = ["order_items"], volume = { users = 5, orders = 20, order_items = 60 })]
    #[test]
    fn provisioned_rows_are_records_as_well(users: Dataset<User>, order_items: Dataset<OrderItem>) {
        assert_eq!((users.len(), order_items.len()), (5, 60));
        assert!(order_items.iter().all(|item| item.quantity > 0));
    }

    tdata::factories_lint!(UserFactory, OrderFactory, OrderItemFactory, AccountFactory);
}
