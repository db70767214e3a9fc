//! PostgreSQL refuses to run as root: root boots it as somebody else.

/// A user and its group, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) user: u32,
    pub(super) group: u32,
}

/// Users that a server may run as, in the order of preference.
const CANDIDATES: &[&str] = &["postgres", "_postgres", "nobody"];

/// Returns the account to drop to: none unless this process is root's.
pub(super) fn to_drop_to() -> Option<Account> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let account = CANDIDATES.iter().find_map(|name| find(&users, name));
    // Most systems call nobody 65534.
    Some(account.unwrap_or(Account { user: 65_534, group: 65_534 }))
}

fn find(users: &str, name: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut parts = line.split(':');
        if parts.next()? != name {
            return None;
        }
        let user = parts.nth(1)?.parse().ok()?;
        let group = parts.next()?.parse().ok()?;
        Some(Account { user, group })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres:x:106:113::/var/lib:/bin/sh\n";
        assert_eq!(find(users, "postgres"), Some(Account { user: 106, group: 113 }));
        assert_eq!(find(users, "post"), None);
    }
}
