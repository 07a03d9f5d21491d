use ninja_db::Owner;
use ninja_db::tasks::{self, NewMessage, Posted};
use ninja_types::{AgentKind, TaskId};

use crate::world::{World, chain};

async fn post(
    world: &World,
    task: TaskId,
    readers: Vec<(AgentKind, Option<&'static str>)>,
) -> Posted {
    let new =
        NewMessage { by: world.user, content: "In euros.".into(), files: Vec::new(), readers };
    let owner = Owner::User(world.user);
    let posted = tasks::post_message(&mut world.conn().await, owner, task, &new, None).await;
    posted.expect("asked").expect("it is there")
}

#[tokio::test]
async fn a_message_is_stored_and_told_where_an_open_step_reads_it_and_refused_elsewhere() {
    let world = World::new().await;
    let task = world.create(chain(1)).await.task.id;
    let refused = post(&world, task, vec![(AgentKind::Planner, None)]).await;
    assert!(matches!(refused, Posted::NoReader(_)), "{refused:?}");
    assert_eq!(world.ask("SELECT count(*)::text FROM task_messages").await, "0");
    let reads = vec![(AgentKind::Noop, None)];
    let posted = post(&world, task, reads.clone()).await;
    assert!(matches!(posted, Posted::Stored(..)), "{posted:?}");
    let told = "SELECT data ->> 'content' FROM task_events WHERE type = 'message.received'";
    assert_eq!(world.ask(told).await, "In euros.");
    let owner = Owner::User(world.user);
    tasks::cancel(&mut world.conn().await, owner, task, world.user).await.expect("cancelled");
    let late = post(&world, task, reads).await;
    assert!(matches!(late, Posted::NoReader(_)), "{late:?}");
    world.database.invariants().await;
}
