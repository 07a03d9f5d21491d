/// Runs a block as one transaction on a connection: `transact!(conn, |c| { …; Ok(value) })`. The block is run again, at
/// most twice more, when PostgreSQL says that two transactions stood in each other's way, so it must not consume what it
/// captures.
macro_rules! transact {
    ($conn:expr, |$c:ident| $body:block) => {{
        use diesel_async::AsyncConnection as _;
        let mut tries = 0;
        loop {
            let outcome =
                $conn.transaction(async |$c: &mut diesel_async::AsyncPgConnection| $body).await;
            tries += 1;
            match outcome {
                Err(error) if $crate::DbError::is_conflict(&error) && tries < 3 => {}
                decided => break decided,
            }
        }
    }};
}
