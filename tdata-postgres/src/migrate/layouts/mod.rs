//! The layouts of the usual tools: one file each, all of one shape, entered in one table.

mod all;
mod atlas;
mod dbmate;
mod detect;
mod diesel;
mod flyway;
mod golang_migrate;
mod goose;
mod layout;
mod plain;
mod refinery;
mod sea_orm;
mod sqlx;

pub(super) use all::of;
pub(super) use detect::detect;
pub(super) use layout::{Layout, Settings};
pub(super) use plain::take as take_plain;
