//! Random histories of calls: whatever happens in whatever order, every account holds what its calls say.

use std::time::Duration;

use ninja_db::calls::{self, Begun};
use ninja_db::jobs::rest;
use ninja_db::{Lease, Owner, budgets, steps, sweep, tasks};
use ninja_types::{Failure, FailureCode, TaskId, WorkerId};

use crate::money::{granted, used, worst};
use crate::world::{CAPS, TERMS, World};

const STEPS: u32 = 36;

/// A generator that is the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: i64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).expect("31 bits") % most
    }
}

/// A task with one step, as its worker knows it.
struct Player {
    task: TaskId,
    lease: Option<Lease>,
    /// The open call and what is reserved for it.
    open: Option<(i32, i64)>,
    calls: i32,
}

impl World {
    async fn player(&self, worker: WorkerId) -> Player {
        let (task, lease) = self.leased(worker).await;
        Player { task, lease: Some(lease), open: None, calls: 0 }
    }

    /// The step's job, if a worker may have it now.
    async fn lease_again(&self, player: &mut Player, worker: WorkerId) {
        self.execute(
            "UPDATE jobs SET not_before = now() WHERE state = 'ready' AND not_before < 'infinity'",
        )
        .await;
        let state =
            "SELECT coalesce((SELECT status FROM steps WHERE status = 'ready' AND task_id =";
        let ready = self.ask(&format!("{state} '{}'), 'no')", player.task)).await == "ready";
        player.lease = if ready {
            let job = self.job_of(player.task, 1).await;
            self.claim(job, worker).await
        } else {
            None
        };
    }

    async fn play(&self, player: &mut Player, worker: WorkerId, chance: &mut Chance) {
        let mut conn = self.conn().await;
        let most = 10_000 + chance.below(90_000);
        let worst = worst(most, most / 3);
        let Some(lease) = player.lease.clone() else {
            budgets::wake(&mut conn, &CAPS).await.expect("swept");
            self.lease_again(player, worker).await;
            return;
        };
        let over = |begun: &Begun| matches!(begun, Begun::Over(_));
        match (chance.below(12), player.open) {
            (0..=3, None) => {
                let begun = self.ask_model(&lease, player.calls + 1, worst).await;
                if over(&begun) {
                    player.lease = None;
                } else {
                    player.calls += 1;
                    player.open = granted(&begun).map(|cost| (player.calls, cost));
                }
            }
            (0..=3, Some((no, cost))) => {
                self.answered(&lease, no, chance.below(cost + 1)).await;
                player.open = None;
            }
            (4, Some((no, cost))) => {
                let begun =
                    calls::extend(&mut conn, &lease, (no, &worst), &TERMS).await.expect("decided");
                player.open = granted(&begun).map(|more| (no, cost + more));
                if over(&begun) {
                    player.lease = None;
                }
            }
            (5 | 6, open) => {
                if let Some((no, cost)) = open {
                    let broken = used(chance.below(cost + 1));
                    calls::release(&mut conn, &lease, no, broken).await.expect("released");
                }
                let failure = Failure::new(FailureCode::ProviderUnavailable, "It rests.");
                rest(&mut conn, &lease, &failure, Duration::from_secs(1))
                    .await
                    .expect("handed back");
                self.lease_again(player, worker).await;
                self.repeat(player, open, worst).await;
            }
            (7 | 8, open) => {
                self.execute(&format!(
                    "UPDATE jobs SET deadline_at = now() - interval '1 s' WHERE id = '{}'",
                    lease.job
                ))
                .await;
                for expired in sweep::expired(&mut conn, 10).await.expect("asked") {
                    sweep::take_over(&mut conn, &expired, 100).await.expect("taken over");
                }
                self.lease_again(player, worker).await;
                self.repeat(player, open, worst).await;
            }
            (9, _) => {
                let owner = Owner::User(self.user);
                tasks::cancel(&mut conn, owner, player.task, self.user).await.expect("cancelled");
                steps::stop(&mut conn, &lease).await.expect("stopped");
                *player = self.player(worker).await;
            }
            (10, _) => {
                let failure = Failure::new(FailureCode::Internal, "It broke.");
                steps::fail(&mut conn, &lease, &failure).await.expect("failed");
                *player = self.player(worker).await;
            }
            _ => {
                self.finish(&lease).await;
                *player = self.player(worker).await;
            }
        }
    }

    /// What another attempt does with a call that has no answer.
    async fn repeat(
        &self,
        player: &mut Player,
        open: Option<(i32, i64)>,
        worst: budgets::WorstCase,
    ) {
        player.open = None;
        let (Some(lease), Some((no, _))) = (&player.lease, open) else { return };
        let mut conn = self.conn().await;
        let begun =
            calls::repeat(&mut conn, lease, (no, Some(&worst)), &TERMS).await.expect("decided");
        if let Some(cost) = granted(&begun) {
            player.open = Some((no, cost));
        } else {
            player.lease = None;
            player.calls = no; // the row is there: later calls have later numbers
        }
    }
}

#[tokio::test]
async fn accounts_hold_what_calls_say_whatever_happens() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    for seed in 0..2 {
        let mut chance = Chance(seed);
        let mut players =
            [world.player(worker).await, world.player(worker).await, world.player(worker).await];
        world.execute("UPDATE user_days SET spent = 0").await; // a fresh day for each history
        for step in 1..=STEPS {
            let at = usize::try_from(chance.below(3)).expect("small");
            world.play(&mut players[at], worker, &mut chance).await;
            if step % 6 != 0 {
                continue;
            }
            world.database.invariants().await;
            let cap = "SELECT (coalesce(sum(spent + reserved), 0) <= 1000000)::text FROM user_days";
            assert_eq!(world.ask(cap).await, "true", "the day of seed {seed} is overdrawn");
        }
    }
    let paid = "SELECT (sum(cost) > 0 AND sum(cost) = (SELECT sum(spent) FROM installation_spending WHERE period = 'day'))::text FROM step_calls";
    assert_eq!(world.ask(paid).await, "true");
}
