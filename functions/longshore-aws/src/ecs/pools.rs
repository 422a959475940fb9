//! The queues by which pools of workers get their work.

use aws_sdk_sqs::{Client, error::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use longshore::{
    pool::PoolMessage,
    run::{CallVerdict, judge_error},
    trigger::{Launch, Pool},
};
use longshore_engine::ports::{Depth, EcsError, LaunchTrouble};

use crate::{Clients, SqsDepths, failure::said};

/// Queues, by their URLs.
#[derive(Clone, Debug)]
pub(super) struct Pools {
    sqs: Client,
    depths: SqsDepths,
}

impl Pools {
    pub(super) fn new(clients: &Clients) -> Self {
        Self { sqs: Client::new(clients.sdk()), depths: SqsDepths::new(clients) }
    }

    /// Sends the launch as a message of its trigger's group: a fair queue lets no group wait for
    /// another ("Amazon SQS fair queues", developer guide).
    pub(super) async fn enqueue(&self, launch: &Launch, pool: &Pool) -> Result<(), LaunchTrouble> {
        let body = PoolMessage::of(launch, pool).body();
        let call = self.sqs.send_message().queue_url(&pool.queue).message_body(body);
        match call.message_group_id(&pool.trigger).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(trouble(&pool.queue, &error)),
        }
    }

    pub(super) async fn is_empty(&self, queue: &str) -> Result<bool, EcsError> {
        let depth = self.depths.depth(queue).await.map_err(|error| EcsError(error.to_string()))?;
        let (reading, delayed) = (depth.reading, depth.delayed);
        Ok(reading.visible + reading.in_flight + delayed < 1.0)
    }
}

/// Says of a failed call whether the message can be in the queue.
fn trouble<E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static>(
    queue: &str,
    error: &SdkError<E>,
) -> LaunchTrouble {
    let said = format!("{queue}: {}", said(error));
    let SdkError::ServiceError(refused) = error else { return LaunchTrouble::Unknown(said) };
    let code = refused.err().code().unwrap_or_default();
    match judge_error(refused.raw().status().as_u16(), code, said) {
        CallVerdict::Refused(refusal) => LaunchTrouble::Refused(refusal),
        CallVerdict::Uncertain(said) => LaunchTrouble::Unknown(said),
    }
}
