//! Nothing is here but tests of records and factories beside rows and types that migrations make.
