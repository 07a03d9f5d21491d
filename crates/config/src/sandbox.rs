use std::path::PathBuf;

use crate::fault::Faults;
use crate::reader::Reader;
use crate::section::{Place, Section, Table, default, each, optional, section};
use crate::setting::words;

words! {
    /// How untrusted programs are shut in.
    SandboxMode {
        /// The strongest tier that holds here.
        Auto = "auto",
        /// Namespaces, or refuse.
        Ns = "ns",
        /// Landlock, or refuse.
        Landlock = "landlock",
        /// Run no programs.
        Off = "off",
    }
}

section! {
    /// `NINJA_SANDBOX__*`: where programs of users and models run.
    SandboxSettings {
        /// The tier. One that does not hold on this machine is refused, never replaced by a weaker one.
        mode: SandboxMode = default(&["auto"]);
        /// The folder of the runs. Left out: `/var/lib/ninja/runs` if the worker is root, else `.ninja/runs`.
        root: Option<PathBuf> = optional("/var/lib/ninja/runs");
        /// The helper program. Left out: `ninja-sandbox` beside the worker.
        helper: Option<PathBuf> = optional("/usr/local/bin/ninja-sandbox");
        /// The file in which a worker keeps which languages work, so that its next start need not try them. Left out: `languages.json` under `root`.
        languages_file: Option<PathBuf> = optional("/var/lib/ninja/languages.json");
        /// Runs at once. Left out: the number of cores.
        max_runs: Option<usize> = optional("2");
        /// First of the user ids that a root worker gives to its runs.
        slot_uid_base: u32 = default(&["60000"]);
        /// Bytes that must stay free under `root`, or no run starts.
        free_floor: u64 = default(&["1073741824"]);
        /// Share of the container's memory above which the biggest run is ended.
        memory_pressure: f64 = default(&["0.85"]);
    }
    rules rules
}

section! {
    /// Limits of one run.
    RunLimits {
        /// Milliseconds of wall time.
        wall_ms: u64 = each(&["30000", "60000", "600000"]);
        /// Seconds of processor time of each process.
        cpu_s: u64 = each(&["30", "60", "600"]);
        /// Bytes of memory of all its processes together.
        memory_bytes: u64 = each(&["1073741824", "2147483648", "8589934592"]);
        /// Processes and threads.
        processes: u32 = each(&["128", "128", "512"]);
        /// Bytes of one written file.
        file_bytes: u64 = each(&["67108864", "268435456", "1073741824"]);
        /// Bytes of the whole workspace.
        disk_bytes: u64 = each(&["268435456", "536870912", "4294967296"]);
        /// Entries of the workspace.
        inodes: u64 = each(&["10000", "10000", "100000"]);
        /// Bytes of `/tmp`.
        tmp_bytes: u64 = each(&["67108864", "268435456", "1073741824"]);
        /// Bytes of each output stream that are kept.
        output_kept_bytes: u64 = each(&["65536", "65536", "1048576"]);
        /// Bytes of an output stream at which the run is ended.
        output_cap_bytes: u64 = each(&["16777216", "16777216", "268435456"]);
    }
}

/// The limits by kind of run.
#[derive(Clone, Debug)]
pub struct SandboxLimits {
    /// A program that runs.
    pub run: RunLimits,
    /// A compiler that runs.
    pub compile: RunLimits,
    /// What a run may ask for at most.
    pub most: RunLimits,
}

/// `NINJA_SANDBOX__*`, with the limits of its runs. The settings are reached as if they were its own fields.
#[derive(Clone, Debug)]
pub struct SandboxConfig {
    settings: SandboxSettings,
    /// `NINJA_SANDBOX__LIMITS__*`.
    pub limits: SandboxLimits,
}

impl std::ops::Deref for SandboxConfig {
    type Target = SandboxSettings;

    fn deref(&self) -> &SandboxSettings {
        &self.settings
    }
}

const RUN: Place = Place::column("sandbox.limits.run", 0);
const COMPILE: Place = Place::column("sandbox.limits.compile", 1);
const MOST: Place = Place::column("sandbox.limits.most", 2);

impl Section for SandboxConfig {
    fn read(reader: &mut Reader, at: Place) -> Option<Self> {
        let settings = SandboxSettings::read(reader, at);
        let run = RunLimits::read(reader, RUN);
        let compile = RunLimits::read(reader, COMPILE);
        let most = RunLimits::read(reader, MOST);
        let limits = SandboxLimits { run: run?, compile: compile?, most: most? };
        Some(Self { settings: settings?, limits })
    }

    fn tables(at: Place) -> Vec<Table> {
        let mut tables = SandboxSettings::tables(at);
        tables.extend([RUN, COMPILE, MOST].into_iter().flat_map(RunLimits::tables));
        tables
    }
}

fn rules(sandbox: &SandboxSettings, at: Place, faults: &mut Faults) {
    if sandbox.max_runs == Some(0) {
        faults
            .say(at.variable("max_runs"), "must be at least 1; NINJA_SANDBOX__MODE=off runs none");
    }
    if sandbox.memory_pressure > 1.0 {
        faults.say(at.variable("memory_pressure"), "must be at most 1");
    }
}
