//! How much there is in queues.

use aws_sdk_sqs::{Client, types::QueueAttributeName};
use longshore::{fleet::Depth as Seen, scale::Reading};
use longshore_engine::ports::{Clock as _, Depth, QueueError};

use crate::{Clients, Machine, failure::said};

/// Depths of queues, by GetQueueAttributes.
#[derive(Clone, Debug)]
pub struct SqsDepths {
    sqs: Client,
}

impl SqsDepths {
    /// Depths of queues in the account and Region of the clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self { sqs: Client::new(clients.sdk()) }
    }
}

impl Depth for SqsDepths {
    async fn depth(&self, url: &str) -> Result<Seen, QueueError> {
        let trouble = |said: &str| QueueError(format!("{url}: {said}"));
        let at_secs = Machine.now().as_duration().as_secs_f64();
        let call = self.sqs.get_queue_attributes().queue_url(url);
        let call = call
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesDelayed);
        let answer = call.send().await.map_err(|error| match error.as_service_error() {
            Some(it) if it.is_queue_does_not_exist() => QueueError(format!(
                "there is no queue {url}: create it, or have the scaler's schedule name another"
            )),
            _ => trouble(&said(&error)),
        })?;
        let count = |name: &QueueAttributeName| -> Result<f64, QueueError> {
            let text = answer.attributes().and_then(|attributes| attributes.get(name));
            let number = text.and_then(|text| text.parse::<u64>().ok());
            let missing = || trouble(&format!("the answer has no {}", name.as_str()));
            number.map(real).ok_or_else(missing)
        };
        let reading = Reading {
            at_secs,
            visible: count(&QueueAttributeName::ApproximateNumberOfMessages)?,
            in_flight: count(&QueueAttributeName::ApproximateNumberOfMessagesNotVisible)?,
        };
        let delayed = count(&QueueAttributeName::ApproximateNumberOfMessagesDelayed).unwrap_or(0.0);
        Ok(Seen { reading, delayed })
    }
}

#[expect(clippy::cast_precision_loss, reason = "above 2^52 the count is taken for a fault")]
fn real(count: u64) -> f64 {
    count as f64
}
