use ninja_db::release;
use ninja_types::Priority;

use crate::world::{SLOTS, World, chain};

#[tokio::test]
async fn a_user_has_at_most_their_slots_on_the_streams() {
    let world = World::new().await;
    world.worker(&[]).await;
    let mut pushed = 0;
    for _ in 0..6 {
        pushed += world.create(chain(1)).await.pushes.len();
    }
    assert_eq!(pushed, 4, "the slots of a user");
    assert_eq!(
        release::for_user(&mut world.conn().await, world.user, &SLOTS).await.expect("asked"),
        []
    );
    assert_eq!(release::users_due(&mut world.conn().await).await.expect("asked"), [world.user]);
}

#[tokio::test]
async fn a_finish_lets_the_most_urgent_waiting_job_out() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    let mut first = None;
    for _ in 0..5 {
        first = first.or(world.create(chain(1)).await.pushes.first().copied());
    }
    let urgent = world.create_as(Priority::High, chain(1)).await;
    let lease = world.claim(first.expect("released").job, worker).await.expect("a lease");
    assert!(world.finish(&lease).await.freed);
    let out =
        release::for_user(&mut world.conn().await, world.user, &SLOTS).await.expect("released");
    assert_eq!(
        out.iter().map(|push| push.job).collect::<Vec<_>>(),
        [world.job_of(urgent.task.id, 1).await]
    );
}

#[tokio::test]
async fn releases_at_once_never_exceed_the_slots() {
    let world = World::new().await;
    for _ in 0..12 {
        world.create(chain(1)).await;
    }
    world.worker(&[]).await;
    world.execute("UPDATE jobs SET enqueued_at = NULL").await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (mut conn, user) = (world.conn().await, world.user);
        racing.spawn(async move {
            release::for_user(&mut conn, user, &SLOTS).await.expect("asked").len()
        });
    }
    assert_eq!(racing.join_all().await.iter().sum::<usize>(), 4);
}

#[tokio::test]
async fn a_job_that_no_live_worker_fits_takes_no_slot_and_is_not_pushed() {
    let world = World::new().await;
    world.worker(&[]).await;
    for _ in 0..5 {
        let mut steps = chain(1);
        steps[0].requires = vec!["python".into()];
        assert_eq!(world.create(steps).await.pushes, []);
    }
    assert_eq!(world.create(chain(1)).await.pushes.len(), 1);
    let released = "SELECT count(*)::text FROM jobs WHERE enqueued_at IS NOT NULL";
    assert_eq!(world.ask(released).await, "5", "four that do not fit, one that does");
}

#[tokio::test]
async fn a_user_with_many_waiting_jobs_does_not_delay_another() {
    let world = World::new().await;
    world.worker(&[]).await;
    for _ in 0..30 {
        world.create(chain(1)).await;
    }
    let other = World { user: ninja_types::UserId::new(), ..world };
    other
        .execute(&format!(
            "INSERT INTO users (id, email, password_hash) VALUES ('{}', 'bob@example.org', '-')",
            other.user
        ))
        .await;
    assert_eq!(other.create(chain(1)).await.pushes.len(), 1);
}
