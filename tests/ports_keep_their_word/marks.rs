//! What workers note of a message is in the ledger what it is in the core.

use std::sync::Arc;

use longshore::poll::{Marks, Message, Note};
use longshore_aws::LedgerTable;
use longshore_engine::ports::Workers as _;
use longshore_local::Open;

use super::aws;

const LEDGER: &str = "
  Ledger:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: ledger
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: sk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}, {AttributeName: sk, KeyType: RANGE}]
";

/// Some are repeated, as after a lost answer, and some come late.
const NOTES: [(Note, u32); 17] = [
    (Note::Look, 3),
    (Note::Begun, 4),
    (Note::Begun, 4),
    (Note::Look, 5),
    (Note::Begun, 5),
    (Note::Failed, 6),
    (Note::Failed, 6),
    (Note::Begun, 8),
    (Note::Begun, 5),
    (Note::Failed, 8),
    (Note::Begun, 9),
    (Note::Ended, 9),
    (Note::Ended, 9),
    (Note::Ended, 10),
    (Note::Failed, 6),
    (Note::Begun, 11),
    (Note::Look, 12),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_row_of_a_message_agrees_with_the_marks_of_the_core() {
    let (local, clients) = aws(LEDGER, Arc::new(Open)).await;
    let ledger = LedgerTable::new(&clients, "ledger");
    let now = "2026-11-23T10:00:00Z".parse().unwrap();
    let message = |id: &str, receives| Message {
        id: id.to_owned(),
        receipt: String::new(),
        body: String::new(),
        group: None,
        receives,
        sent: None,
        first_received: None,
    };
    // From each note on, so that every kind of note meets a message of which nothing is known.
    for first in 0..NOTES.len() {
        let (id, mut marks) = (first.to_string(), Marks::default());
        for (note, receives) in &NOTES[first..] {
            marks.take(*note, *receives);
            let noted = ledger.note("work", &message(&id, *receives), *note, now).await.unwrap();
            assert_eq!(noted, marks, "{note:?} {receives}, from note {first} on");
        }
    }
    let elsewhere = ledger.note("other", &message("0", 1), Note::Look, now).await.unwrap();
    assert_eq!(elsewhere, Marks::default(), "of another queue nothing is noted");
    local.stop().await;
}
