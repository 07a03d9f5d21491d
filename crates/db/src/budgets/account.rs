use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ninja_types::{Usd, UserId};

use crate::DbResult;
use crate::schema::{installation_spending, user_days};

/// A row that counts what was spent in a stretch of time, and what is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    User(UserId, NaiveDate),
    Installation(&'static str, NaiveDate),
}

/// What stands in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Balance {
    pub(crate) spent: i64,
    pub(crate) reserved: i64,
}

impl Balance {
    /// What `max` leaves; never below 0.
    pub(crate) fn left(self, max: Usd) -> i64 {
        max.micros().saturating_sub(self.spent).saturating_sub(self.reserved).max(0)
    }
}

impl Account {
    /// Those that count along when a task of `user` pays on `day`, in the order in which they are locked.
    pub(crate) fn all(user: UserId, day: NaiveDate) -> [Self; 3] {
        let month = day.with_day(1).unwrap_or(day);
        [Self::User(user, day), Self::Installation("day", day), Self::Installation("month", month)]
    }

    /// Reads it, locked until the end of the transaction. A row that is not there is made first.
    pub(crate) async fn lock(self, c: &mut AsyncPgConnection) -> DbResult<Balance> {
        let mut found = self.read_locked(c).await?;
        if found.is_none() {
            self.open(c).await?;
            found = self.read_locked(c).await?;
        }
        Ok(found.unwrap_or_default())
    }

    /// Reads it as it is for others.
    pub(crate) async fn read(self, c: &mut AsyncPgConnection) -> DbResult<Balance> {
        let row: Option<(i64, i64)> = match self {
            Self::User(user, day) => {
                let row = user_days::table.find((user.0, day));
                let columns = (user_days::spent, user_days::reserved);
                row.select(columns).get_result(c).await.optional()?
            }
            Self::Installation(period, begins) => {
                let row = installation_spending::table.find((period, begins));
                let columns = (installation_spending::spent, installation_spending::reserved);
                row.select(columns).get_result(c).await.optional()?
            }
        };
        Ok(row.map_or_else(Balance::default, |(spent, reserved)| Balance { spent, reserved }))
    }

    /// Adds to what is spent and to what is reserved; either may be negative.
    pub(crate) async fn change(
        self,
        c: &mut AsyncPgConnection,
        spent: i64,
        reserved: i64,
    ) -> DbResult<()> {
        if self.try_change(c, spent, reserved).await? == 0 {
            self.open(c).await?;
            self.try_change(c, spent, reserved).await?;
        }
        Ok(())
    }

    async fn read_locked(self, c: &mut AsyncPgConnection) -> DbResult<Option<Balance>> {
        let row: Option<(i64, i64)> = match self {
            Self::User(user, day) => {
                let row = user_days::table.find((user.0, day));
                let columns = (user_days::spent, user_days::reserved);
                row.select(columns).for_update().get_result(c).await.optional()?
            }
            Self::Installation(period, begins) => {
                let row = installation_spending::table.find((period, begins));
                let columns = (installation_spending::spent, installation_spending::reserved);
                row.select(columns).for_update().get_result(c).await.optional()?
            }
        };
        Ok(row.map(|(spent, reserved)| Balance { spent, reserved }))
    }

    async fn open(self, c: &mut AsyncPgConnection) -> DbResult<()> {
        match self {
            Self::User(user, day) => {
                diesel::insert_into(user_days::table)
                    .values((user_days::user_id.eq(user.0), user_days::day.eq(day)))
                    .on_conflict_do_nothing()
                    .execute(c)
                    .await?
            }
            Self::Installation(period, begins) => {
                let key = (
                    installation_spending::period.eq(period),
                    installation_spending::begins.eq(begins),
                );
                diesel::insert_into(installation_spending::table)
                    .values(key)
                    .on_conflict_do_nothing()
                    .execute(c)
                    .await?
            }
        };
        Ok(())
    }

    async fn try_change(
        self,
        c: &mut AsyncPgConnection,
        spent: i64,
        reserved: i64,
    ) -> DbResult<usize> {
        let changed = match self {
            Self::User(user, day) => {
                diesel::update(user_days::table.find((user.0, day)))
                    .set((
                        user_days::spent.eq(user_days::spent + spent),
                        user_days::reserved.eq(user_days::reserved + reserved),
                    ))
                    .execute(c)
                    .await?
            }
            Self::Installation(period, begins) => {
                diesel::update(installation_spending::table.find((period, begins)))
                    .set((
                        installation_spending::spent.eq(installation_spending::spent + spent),
                        installation_spending::reserved
                            .eq(installation_spending::reserved + reserved),
                    ))
                    .execute(c)
                    .await?
            }
        };
        Ok(changed)
    }
}
