//! Keys of PostgreSQL's advisory locks. They stand together so that no two are the same: a lock that another one's
//! holder keeps for its whole life is never had.

/// Migrators queue on it.
pub(crate) const MIGRATION: i64 = 0x6e69_6e6a_6100_0001;

/// Makes a sweeper the leader for as long as its session lasts.
pub(crate) const SWEEPER: i64 = 0x6e69_6e6a_6100_0002;

/// Orders the audit chain. It is taken last, so it is held for two statements only.
pub(crate) const AUDIT: i64 = 0x6e69_6e6a_6100_0003;
