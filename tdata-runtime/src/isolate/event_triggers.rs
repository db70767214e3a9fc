//! Event triggers of migrations: what tdata itself makes and drops in a database is none of their business.

/// Lets event triggers rest until the transaction ends, where the role may say so.
pub(super) const REST: &str = "SELECT pg_catalog.set_config('session_replication_role', 'replica', true) \
     FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolsuper; ";
