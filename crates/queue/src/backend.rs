use std::convert::Infallible;
use std::task::{Context, Poll};

use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::layers::Identity;
use apalis_core::task::Task;
use apalis_core::task::task_id::RandomId;
use apalis_core::worker::context::WorkerContext;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::Delivery;

/// What apalis sees of a stream: a channel that the fetch loop feeds. Connections, errors and reconnecting stay
/// behind it, because an error from here would end the worker; so there is none.
#[derive(Debug)]
pub(crate) struct StreamBackend {
    pub(crate) deliveries: mpsc::Receiver<Delivery>,
    /// Fired once the fetch loop has ended and everything that it brought was taken: apalis may stop now.
    pub(crate) dry: CancellationToken,
}

impl Backend for StreamBackend {
    type Task = Task<Delivery>;
    type Error = Infallible;

    fn poll_ready(
        &mut self,
        _: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Infallible>>> {
        self.deliveries.poll_recv(cx).map(|delivery| {
            if delivery.is_none() {
                self.dry.cancel();
            }
            delivery.map(|delivery| Ok(Task::new(delivery)))
        })
    }

    fn poll_close(
        &mut self,
        _: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for StreamBackend {
    type Args = Delivery;
    type Id = RandomId;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}
