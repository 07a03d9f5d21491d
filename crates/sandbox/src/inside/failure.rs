//! A step that failed, and what the kernel answered.

use ninja_sandbox::Stage;
use ninja_sandbox::wire::Status;

/// The cage could not be built: the program does not start.
#[derive(Debug)]
pub(crate) struct Failure {
    stage: Stage,
    errno: i32,
}

impl Failure {
    pub(crate) fn new(stage: Stage, errno: i32) -> Self {
        Self { stage, errno }
    }

    pub(crate) fn line(&self) -> Status {
        Status::Failed { stage: self.stage, errno: self.errno }
    }
}

/// Names the step in which a system call failed.
pub(crate) trait At<T> {
    fn at(self, stage: Stage) -> Result<T, Failure>;
}

impl<T> At<T> for Result<T, rustix::io::Errno> {
    fn at(self, stage: Stage) -> Result<T, Failure> {
        self.map_err(|errno| Failure::new(stage, errno.raw_os_error()))
    }
}

impl<T> At<T> for Result<T, std::io::Error> {
    fn at(self, stage: Stage) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(stage, error.raw_os_error().unwrap_or(0)))
    }
}
