//! What is loaded.

use std::error::Error;

use tdata_core::contract::Contract;
use tdata_core::definition::Library;
use tdata_core::diagnostic::Source;
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, Plan, plan};

const ACCOUNTS: &str = include_str!("../generate/definitions/accounts.yaml");
const ORGANIZATIONS: &str = include_str!("../generate/definitions/organizations.yaml");
const PUBLISHED: &str = include_str!("../generate/definitions/users.yaml");
const USERS: &str = include_str!("data_definitions/users.yaml");
const ORDERS: &str = include_str!("data_definitions/orders.yaml");
const PAYMENTS: &str = include_str!("data_definitions/payments.yaml");

/// Plans what a name says, with so many rows of its last dataset.
pub(crate) fn planned(name: &str, rows: u64) -> Result<Plan, Box<dyn Error>> {
    match name {
        "users" => users(rows),
        "shop" => shop(rows / 5, rows, rows),
        "keyed" => orders(rows, ORDERS),
        "asking" => {
            orders(rows, &ORDERS.replace("total_amount > 0", "user_id IN (SELECT id FROM users)"))
        }
        _ => Err(format!("`{name}` is nothing to load").into()),
    }
}

/// The published users, with a unique index on their mail addresses.
fn users(rows: u64) -> Result<Plan, Box<dyn Error>> {
    let users = PUBLISHED.replace("generator: email,", "generator: email, unique: true,");
    let definitions = [("accounts", ACCOUNTS), ("organizations", ORGANIZATIONS), ("users", &users)];
    of(&definitions, &[("users", rows)])
}

/// Users, their orders, and their payments.
fn shop(users: u64, orders: u64, payments: u64) -> Result<Plan, Box<dyn Error>> {
    let definitions = [("users", USERS), ("orders", ORDERS), ("payments", PAYMENTS)];
    of(&definitions, &[("users", users), ("orders", orders), ("payments", payments)])
}

/// Orders with half as many users.
fn orders(rows: u64, orders: &str) -> Result<Plan, Box<dyn Error>> {
    of(&[("users", USERS), ("orders", orders)], &[("users", rows / 2), ("orders", rows)])
}

fn of(definitions: &[(&str, &str)], volumes: &[(&str, u64)]) -> Result<Plan, Box<dyn Error>> {
    let mut library = Library::default();
    for (name, text) in definitions {
        library.insert(Source::new(format!("{name}.yaml"), *text), name, None);
    }
    let names = volumes.iter().map(|(name, _)| *name);
    let contract = Contract::new(names, "2024-05-01".parse()?);
    let contract =
        volumes.iter().fold(contract, |contract, (name, rows)| contract.volume(*name, *rows));
    Ok(plan(&contract, &library, &MaskKey::development(), &Catalog::default())?)
}
