use std::net::SocketAddr;

use ninja_types::Pool;

use crate::fault::Faults;
use crate::kinds::Seconds;
use crate::section::{Place, default, section};
use crate::setting::{Chosen, words};

words! {
    /// What a worker process does.
    WorkerRole {
        /// Runs steps of tasks.
        Steps = "steps",
        /// Takes back the work of dead workers and wakes what is due. One of them leads at a time.
        Sweeper = "sweeper",
    }
}

section! {
    /// `NINJA_WORKER__*`: the processes that do the work, and the times that decide when one of them counts as dead.
    WorkerConfig {
        /// Where a worker answers `/livez`, `/readyz` and `/metrics`. Port 0 takes a free one.
        bind: SocketAddr = default(&["127.0.0.1:9090"]);
        /// What this worker does: `steps`, `sweeper`, or `all`.
        roles: Chosen<WorkerRole> = default(&["all"]);
        /// Which pools it serves: `researcher`, `coder`, `writer`, `analyst`, `debugger`, or `all`.
        pools: Chosen<Pool> = default(&["all"]);
        /// Jobs at once, over all its pools.
        concurrency: usize = default(&["16"]);
        /// How often a worker renews its lease.
        renew_seconds: Seconds = default(&["3"]);
        /// How long a lease holds: after this time without a renewal others take the work.
        lease_seconds: Seconds = default(&["15"]);
        /// How often the sweeper looks for work that nobody does.
        sweep_seconds: Seconds = default(&["2"]);
        /// How long a stopping worker lets its work finish before it hands it back.
        drain_seconds: Seconds = default(&["120"]);
        /// How often a job may take its worker down before it is parked.
        max_crashes: u32 = default(&["3"]);
        /// How often workers ask PostgreSQL for work while Redis is away.
        poll_seconds: Seconds = default(&["2"]);
        /// Age at which a released job without a message on its stream gets a new one.
        repush_seconds: Seconds = default(&["5"]);
        /// Idle time after which a message of a dead consumer may be taken by another worker.
        claim_idle_seconds: Seconds = default(&["10"]);
        /// How long one step may run.
        step_seconds: Seconds = default(&["600"]);
        /// How long a step waits for a person, or for a larger budget, before it fails.
        wait_seconds: Seconds = default(&["604800"]);
    }
    rules rules
}

fn rules(worker: &WorkerConfig, at: Place, faults: &mut Faults) {
    if worker.concurrency == 0 {
        faults.say(at.variable("concurrency"), "must be at least 1");
    }
    if worker.max_crashes == 0 {
        faults.say(at.variable("max_crashes"), "must be at least 1");
    }
    let times = [
        (worker.renew_seconds, "renew_seconds"),
        (worker.sweep_seconds, "sweep_seconds"),
        (worker.poll_seconds, "poll_seconds"),
    ];
    for (span, name) in times {
        if span.duration().is_zero() {
            faults.say(at.variable(name), "must be above 0");
        }
    }
    if worker.lease_seconds.duration() < worker.renew_seconds.duration() * 2 {
        let reason = "must be at least twice NINJA_WORKER__RENEW_SECONDS: one lost renewal must not end a lease";
        faults.say(at.variable("lease_seconds"), reason);
    }
}
