//! Factories in plain unit tests: no server, no attribute, nothing to set up.
//!
//! `cargo test --example factories`

use tdata::{Factory, FieldType, Record};

/// A user, as `data_definitions/users.yaml` describes it. What a test does not say about one comes
/// from the definition's generators.
#[derive(Clone, Debug, PartialEq, Record, Factory)]
#[record(dataset = "users", partial)]
#[factory(trait(verified => is_verified = true))]
#[factory(trait(unverified => is_verified = false))]
#[factory(trait(suspended => status = UserStatus::Suspended))]
#[factory(transient(shouting: bool = false))]
#[factory(after_build = greet)]
struct User {
    id: i32,
    #[factory(sequence = |n| format!("user{n}@example.com"))]
    email: String,
    first_name: String,
    last_name: String,
    status: UserStatus,
    is_verified: bool,
    /// What the page says; it is in no table.
    #[record(skip)]
    #[factory(lazy = |user| format!("Hello, {} {}", user.first_name, user.last_name))]
    greeting: String,
}

/// The choices of the field `status`: one variant for each, checked while compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FieldType)]
#[field(choices = "users.status")]
enum UserStatus {
    Active,
    Inactive,
    Suspended,
}

fn greet(user: &mut User, transients: &UserTransients) {
    if transients.shouting {
        user.greeting = user.greeting.to_uppercase();
    }
}

/// A line of a basket: a struct that no definition describes and no table holds.
#[derive(Clone, Debug, PartialEq, Record, Factory)]
struct Line {
    #[factory(generator = "pattern, pattern: \"SKU-{{hex:6}}\"")]
    sku: String,
    #[factory(generator = "random_int, min: 1, max: 9")]
    quantity: i32,
    #[factory(default = 250)]
    price_in_cents: i64,
    #[factory(lazy = |line| line.price_in_cents * i64::from(line.quantity))]
    total_in_cents: i64,
}

/// The code under test.
fn may_buy(user: &User) -> bool {
    user.is_verified && user.status == UserStatus::Active
}

/// The code under test.
fn total(lines: &[Line]) -> i64 {
    lines.iter().map(|line| line.total_in_cents).sum()
}

fn main() {
    let user = UserFactory::verified().first_name("Ada").build();
    println!("{user:#?}\nMay buy: {}\n", may_buy(&user));
    let lines = LineFactory::new().build_batch(2);
    println!("{lines:#?}\nTotal: {} cents\n", total(&lines));
    println!("`cargo test --example factories` runs the tests in this file.");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_is_verified_may_buy() {
        assert!(may_buy(&UserFactory::verified().status(UserStatus::Active).build()));
        assert!(!may_buy(&UserFactory::unverified().build()));
    }

    #[test]
    fn traits_compose() {
        let user = UserFactory::verified().suspended().build();
        assert!(user.is_verified && !may_buy(&user));
    }

    #[test]
    fn what_is_derived_follows_what_is_said() {
        let user = UserFactory::new().first_name("Ada").last_name("Lovelace").build();
        assert_eq!(user.greeting, "Hello, Ada Lovelace");
        let user = UserFactory::new().first_name("Ada").last_name("Byron").shouting(true).build();
        assert_eq!(user.greeting, "HELLO, ADA BYRON");
    }

    #[test]
    fn no_two_users_share_an_address() {
        let users = UserFactory::new().build_batch(1_000);
        let addresses: std::collections::HashSet<_> =
            users.iter().map(|user| &user.email).collect();
        assert_eq!(addresses.len(), 1_000);
    }

    #[test]
    fn lines_add_up() {
        let lines = LineFactory::new().quantity(2).build_batch(3);
        assert_eq!(total(&lines), 3 * 2 * 250);
    }
}
