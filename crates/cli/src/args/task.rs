use std::path::PathBuf;

use clap::{Args, Subcommand};
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// Create a task: run a program of yours, or any task by its parameters.
    Create(Box<TaskCreate>),
    /// Analyse tables: a report with charts and numbers that can be traced. Needs no model.
    Analyse(TaskAnalyse),
    /// Watch a task live: its events on standard error, its programs' output on standard output.
    Watch(TaskWatch),
    /// Show one task.
    Get {
        /// Its id.
        id: Uuid,
        /// Wait up to so many seconds (60 at most) until it has ended.
        #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=60))]
        wait_seconds: u32,
    },
    /// List your tasks, newest first.
    List(TaskList),
    /// Cancel a task; its programs are stopped.
    Cancel {
        /// Its id.
        id: Uuid,
        /// Come back when it has ended.
        #[arg(long)]
        wait: bool,
    },
    /// Hold a task: the call at work ends, the next one does not begin.
    Pause {
        /// Its id.
        id: Uuid,
    },
    /// Let a held task go on.
    Resume {
        /// Its id.
        id: Uuid,
    },
    /// Make a new task from one that failed or was cancelled; what it had completed is taken over.
    Retry {
        /// Its id.
        id: Uuid,
        /// Begin with this step instead of the first that did not complete.
        #[arg(long, value_name = "NUMBER")]
        from_step: Option<u32>,
        /// Watch the new task until it has ended; exit 1 unless it completes.
        #[arg(long)]
        wait: bool,
    },
    /// Make the same task again from the start.
    Clone {
        /// Its id.
        id: Uuid,
        /// Watch the new task until it has ended; exit 1 unless it completes.
        #[arg(long)]
        wait: bool,
    },
}

#[derive(Args, Debug)]
pub(crate) struct TaskAnalyse {
    /// The tables: csv, tsv, jsonl or xlsx. Paths here, which are uploaded, or ids of uploaded files.
    #[arg(required = true, value_name = "PATH|ID")]
    pub(crate) files: Vec<String>,
    /// Describe and compare the groups that this column makes.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) group_by: Option<String>,
    /// Look for a trend over this column of dates.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) time_column: Option<String>,
    /// Only this column. May be repeated.
    #[arg(long = "column", value_name = "COLUMN")]
    pub(crate) columns: Vec<String>,
    /// What you want to know; stands in the report.
    #[arg(long)]
    pub(crate) question: Option<String>,
    /// No charts.
    #[arg(long)]
    pub(crate) no_charts: bool,
    /// A short name for lists, and the report's title.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// Makes a repeat of this command answer the same task instead of creating another one.
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
    /// Watch it until it has ended; exit 1 unless it completes.
    #[arg(long)]
    pub(crate) wait: bool,
    /// Watch it, then download report, charts and results into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) download: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct TaskCreate {
    /// A program of yours to run in the sandbox. It finds the files beside it, and what it writes becomes artifacts.
    #[arg(long, value_name = "PROGRAM", conflicts_with_all = ["parameters", "task_type"])]
    pub(crate) run: Option<PathBuf>,
    /// A file for the task: a path here, which is uploaded, or the id of an uploaded file. May be repeated.
    #[arg(long = "file", value_name = "PATH|ID")]
    pub(crate) files: Vec<String>,
    /// The program's language; found by the file name if left out.
    #[arg(long, requires = "run")]
    pub(crate) language: Option<String>,
    /// A text for the program's standard input: a path here, or `-` for this command's own.
    #[arg(long, value_name = "PATH|-", requires = "run")]
    pub(crate) stdin: Option<String>,
    /// A value that the program finds in inputs.json. Is JSON, or else a string. May be repeated.
    #[arg(long = "input", value_name = "NAME=VALUE", requires = "run")]
    pub(crate) inputs: Vec<String>,
    /// Seconds that the program may run, 1 to 120.
    #[arg(long, requires = "run", value_parser = clap::value_parser!(u32).range(1..=120))]
    pub(crate) timeout: Option<u32>,
    /// The type of the task.
    #[arg(long = "type", value_name = "TYPE", default_value = "custom")]
    pub(crate) task_type: String,
    /// The parameters of the type: JSON, or @FILE with it.
    #[arg(long, value_name = "JSON|@FILE", required_unless_present = "run")]
    pub(crate) parameters: Option<String>,
    /// What the task is for. Made from the files if left out with --run.
    #[arg(long, required_unless_present = "run")]
    pub(crate) description: Option<String>,
    /// A short name for lists.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// `normal` or `high`.
    #[arg(long)]
    pub(crate) priority: Option<String>,
    /// A word to find it by. May be repeated.
    #[arg(long = "tag", value_name = "WORD")]
    pub(crate) tags: Vec<String>,
    /// Makes a repeat of this command answer the same task instead of creating another one.
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
    /// Watch it until it has ended; exit 1 unless it completes.
    #[arg(long)]
    pub(crate) wait: bool,
    /// Watch it, then download everything that it made into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) download: Option<PathBuf>,
    /// Arguments for the program, after `--`.
    #[arg(last = true, requires = "run")]
    pub(crate) args: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct TaskWatch {
    /// Its id.
    pub(crate) id: Uuid,
    /// Begin after this event number.
    #[arg(long, default_value_t = 0)]
    pub(crate) after: i64,
}

#[derive(Args, Debug)]
pub(crate) struct TaskList {
    /// Only with these statuses, separated by commas.
    #[arg(long)]
    pub(crate) status: Option<String>,
    /// Only of these types, separated by commas.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) task_type: Option<String>,
    /// Only with this tag.
    #[arg(long)]
    pub(crate) tag: Option<String>,
    /// Only with this text in the title.
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
}
