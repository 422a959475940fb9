//! Every end of a run is an event, so that runs can follow each other.

use serde_json::Value;

use crate::stand::{Stand, Template, eventually};

/// A rule for the ends of runs, to a queue.
const ENDS: &str = r"
  Ends:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Sub '${AWS::StackName}-ends'}
  EndsPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Ends]
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: 'sqs:SendMessage', Resource: !GetAtt Ends.Arn}]
  EndsRule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [longshore], detail-type: [Longshore Run]}
      Targets: [{Id: ends, Arn: !GetAtt Ends.Arn}]
";

#[tokio::test(flavor = "multi_thread")]
async fn one_event_per_run_that_ended() {
    let template = Template::of_repository().one_attempt().and(ENDS);
    let task = "WorkerTask=sh -c 'exit $LONGSHORE_KEY'";
    let stand = Stand::of(&template, &["--task", task]);
    for (key, state) in [("0", "succeeded"), ("3", "failed"), ("4", "succeeded"), ("7", "failed")] {
        stand.upload(key, "id\n1\n").await;
        let run = stand.ended(key).await;
        assert_eq!(run.state(), state);
        let event: Value = serde_json::from_str(stand.take("ends").await.body().unwrap()).unwrap();
        assert_eq!(
            (&event["source"], &event["detail-type"]),
            (&"longshore".into(), &"Longshore Run".into())
        );
        let detail = &event["detail"];
        assert_eq!((&detail["run"], &detail["state"]), (&run.id().into(), &state.into()));
        assert_eq!(detail["input"]["key"], key);
        assert_eq!(detail["outcome"]["exitCode"].to_string(), key);
    }
    eventually("that nothing is owed", || async {
        stand.runs().await.iter().all(|run| run.text(&["due"]).is_empty()).then_some(())
    })
    .await;
    stand.sweep();
    assert_eq!(stand.depth("ends").await, 0, "once each");
}
