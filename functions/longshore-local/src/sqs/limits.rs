//! SQS's limits, each with the place where AWS states it.

/// Messages of one `ReceiveMessage`, entries of one batch (SQS quotas, messages).
pub(super) const BATCH_MAX: usize = 10;
/// Bytes of a message with its attributes, and of all messages of a batch (SQS quotas, messages).
pub(super) const MESSAGE_BYTES_MAX: usize = 1_048_576;
/// Least value of `MaximumMessageSize`, in bytes (`SetQueueAttributes` reference).
pub(super) const MESSAGE_BYTES_MIN: u32 = 1_024;
/// Attributes of one message (SQS quotas, messages).
pub(super) const ATTRIBUTES_MAX: usize = 10;
/// Characters of an attribute's name and of its type (message attributes, developer guide).
pub(super) const ATTRIBUTE_NAME_CHARS_MAX: usize = 256;
/// Significant digits of a `Number` attribute (message attributes, developer guide).
pub(super) const NUMBER_DIGITS_MAX: usize = 38;
/// Characters of a queue's name with its `.fifo` suffix (SQS quotas, queues).
pub(super) const NAME_CHARS_MAX: usize = 80;
/// Characters of a batch entry's id (`SendMessageBatchRequestEntry` reference).
pub(super) const ENTRY_ID_CHARS_MAX: usize = 80;
/// Characters of a message group id and of a deduplication id (`SendMessage` reference).
pub(super) const GROUP_CHARS_MAX: usize = 128;
/// Tags of one queue (SQS quotas, queues).
pub(super) const TAGS_MAX: usize = 50;
/// Queues of one page of `ListQueues` (`ListQueues` reference).
pub(super) const PAGE_MAX: usize = 1_000;
/// Received and not yet deleted messages of one queue (SQS quotas, messages).
pub(super) const IN_FLIGHT_MAX: usize = 120_000;
/// Longest visibility timeout, alone and in total since the receive, in seconds
/// (visibility timeout, developer guide).
pub(super) const VISIBILITY_SECS_MAX: u32 = 43_200;
/// Longest `WaitTimeSeconds` (`ReceiveMessage` reference).
pub(super) const WAIT_SECS_MAX: u32 = 20;
/// Longest `DelaySeconds` (`SendMessage` reference).
pub(super) const DELAY_SECS_MAX: u32 = 900;
/// Shortest and longest `MessageRetentionPeriod`, in seconds (`SetQueueAttributes` reference).
pub(super) const RETENTION_SECS: (u32, u32) = (60, 1_209_600);
/// Most receives a redrive policy may allow (dead-letter queues, developer guide).
pub(super) const RECEIVES_MAX: u32 = 1_000;
/// Receives allowed by a redrive policy that does not say (`SetQueueAttributes` reference).
pub(super) const RECEIVES_DEFAULT: u32 = 10;
/// How long a FIFO queue recognises a message sent twice, in milliseconds
/// (exactly-once processing, developer guide).
pub(super) const DEDUPLICATION_MS: i64 = 300_000;
/// How long after a purge another is refused, in milliseconds (`PurgeQueue` reference).
pub(super) const PURGE_PAUSE_MS: i64 = 60_000;
/// How long after its deletion a queue's name cannot be used, in milliseconds
/// (`DeleteQueue` reference).
pub(super) const DELETE_PAUSE_MS: i64 = 60_000;
