use ninja_db::audit::{Act, Origin, record, verify};
use serde_json::json;

use crate::world::World;

fn act(world: &World, n: usize) -> Act {
    let from = Origin { ip: Some("192.0.2.1".into()), ..Origin::default() };
    Act::done(world.user, "test.act", from)
        .to("user", world.user.0)
        .with(json!({ "n": n, "b": [1, { "z": null, "a": "é" }] }))
}

#[tokio::test]
async fn eight_writers_at_once_leave_one_whole_chain() {
    let world = World::new().await;
    let writers = (0..8).map(async |writer| {
        let mut conn = world.conn().await;
        for n in 0..25 {
            record(&mut conn, &act(&world, writer * 100 + n)).await.expect("a row");
        }
    });
    futures_util::future::join_all(writers).await;
    let verdict = verify(&mut world.conn().await).await.expect("the chain can be read");
    assert_eq!((verdict.checked, verdict.first_bad), (200, None));
}

#[tokio::test]
async fn a_row_that_a_superuser_edits_removes_or_moves_is_named() {
    let world = World::new().await;
    let mut conn = world.conn().await;
    for n in 0..20 {
        record(&mut conn, &act(&world, n)).await.expect("a row");
    }
    let edits = [
        ("UPDATE audit_log SET details = '{}' WHERE id = 7", 7),
        ("UPDATE audit_log SET ip = '198.51.100.1' WHERE id = 1", 1),
        ("UPDATE audit_log SET created_at = created_at + interval '1 microsecond' WHERE id = 20", 20),
        ("DELETE FROM audit_log WHERE id = 10", 11),
        ("ALTER TABLE audit_log ALTER id DROP IDENTITY; UPDATE audit_log SET id = CASE id WHEN 4 THEN 104 ELSE id END;
          UPDATE audit_log SET id = 4 WHERE id = 5; UPDATE audit_log SET id = 5 WHERE id = 104", 4),
    ];
    for (edit, first_bad) in edits {
        let refused = world.database.client().await.batch_execute(edit).await;
        assert!(refused.is_err(), "the trigger must refuse: {edit}");
        // In a transaction that is rolled back, so that each edit is judged alone.
        let edit = edit.replace('\'', "''");
        let client = world.database.client().await;
        client
            .batch_execute(&format!("CREATE TABLE kept AS TABLE audit_log; ALTER TABLE audit_log DISABLE TRIGGER USER; DO $do$ BEGIN EXECUTE '{edit}'; END $do$"))
            .await
            .expect(&edit);
        let verdict = verify(&mut conn).await.expect("the chain can be read");
        assert_eq!(verdict.first_bad, Some(first_bad), "{edit}");
        client
            .batch_execute("DELETE FROM audit_log; INSERT INTO audit_log OVERRIDING SYSTEM VALUE TABLE kept; DROP TABLE kept; ALTER TABLE audit_log ENABLE TRIGGER USER")
            .await
            .expect("the rows are put back");
        assert_eq!(verify(&mut conn).await.expect("the chain can be read").first_bad, None);
    }
}
