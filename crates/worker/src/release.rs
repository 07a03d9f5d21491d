use ninja_db::{AsyncPgConnection, release};
use ninja_types::UserId;

use crate::worker::Worker;

impl Worker {
    /// Lets out as many of a user's waiting jobs as there are free slots. If it fails, the sweeper does it.
    pub(crate) async fn release(&self, user: UserId) {
        let slots = self.slots();
        let released = async { release::for_user(&mut *self.conn().await?, user, &slots).await };
        match released.await {
            Ok(pushes) => self.push(&pushes),
            Err(error) => tracing::debug!(user_id = %user, %error, "release left to the sweeper"),
        }
    }

    /// The same for every user with due jobs, on the sweeper's connection. Answers how many jobs went out.
    pub(crate) async fn release_all(
        &self,
        conn: &mut AsyncPgConnection,
    ) -> ninja_db::DbResult<usize> {
        let slots = self.slots();
        let mut released = 0;
        for user in release::users_due(conn).await? {
            let pushes = release::for_user(conn, user, &slots).await?;
            released += pushes.len();
            self.push(&pushes);
        }
        Ok(released)
    }
}
