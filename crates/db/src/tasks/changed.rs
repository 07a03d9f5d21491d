use ninja_types::TaskStatus;

use super::TaskRow;
use crate::{Notice, Push};

/// A task after a change of its course.
#[derive(Clone, Debug)]
pub struct Changed {
    /// As it stands.
    pub task: TaskRow,
    /// To be pushed.
    pub pushes: Vec<Push>,
    /// To be told.
    pub notice: Notice,
}

/// What became of a wish to change a task's course.
#[derive(Clone, Debug)]
pub enum Steered {
    /// It was done.
    Done(Box<Changed>),
    /// Its status does not allow it.
    Refused(TaskStatus),
}
