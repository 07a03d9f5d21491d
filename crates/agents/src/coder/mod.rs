//! The Coder: writes and runs programs. What is here runs them; what writes them needs a model.

mod code_execution;

pub(crate) use code_execution::CodeExecution;
