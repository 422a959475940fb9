//! What a scaler hears of a service whose ECS fails, or that is not there.

use std::sync::{Arc, Mutex};

use longshore_aws::{EcsFleets, SqsDepths};
use longshore_engine::ports::{Depth as _, Fleet as _};
use longshore_local::{Call, Fault, Gate, Verdict};

use super::aws;

const SERVICE: &str = "
  Cluster: {Type: 'AWS::ECS::Cluster', Properties: {ClusterName: main}}
  Service:
    Type: AWS::ECS::Service
    Properties: {ServiceName: work, Cluster: !Ref Cluster, TaskDefinition: !Ref Task, DesiredCount: 0}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: work
      ContainerDefinitions: [{Name: app, Image: i, Memory: 64, EntryPoint: [sleep], Command: ['60']}]
";

/// Refuses an action with a fault, as long as it is set; counts its calls.
#[derive(Debug, Default)]
struct Trouble {
    fault: Mutex<Option<(&'static str, Fault)>>,
    refused: Mutex<usize>,
}

impl Trouble {
    fn set(&self, fault: Option<(&'static str, Fault)>) {
        *self.fault.lock().unwrap() = fault;
    }
}

impl Gate for Trouble {
    fn check(&self, call: Call<'_>) -> Verdict {
        match &*self.fault.lock().unwrap() {
            Some((action, fault)) if *action == call.operation => {
                *self.refused.lock().unwrap() += 1;
                Verdict::Refuse(fault.clone())
            }
            _ => Verdict::Serve,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ecs_refuses_is_said_and_taken_when_it_serves_again() {
    let trouble = Arc::new(Trouble::default());
    let gate: Arc<dyn Gate> = Arc::<Trouble>::clone(&trouble);
    let (local, clients) = aws(SERVICE, gate).await;
    let fleets = EcsFleets::new(&clients);
    let throttled = || Fault::client("ThrottlingException", "Rate exceeded");
    let mut desired = 0;
    for (action, fault, said) in [
        ("UpdateService", Fault::server("a 500"), "a 500"),
        ("UpdateService", throttled(), "Rate exceeded"),
        ("DescribeServices", Fault::server("a 500"), "a 500"),
        ("DescribeServices", throttled(), "Rate exceeded"),
    ] {
        trouble.set(Some((action, fault)));
        let answer = match action {
            "UpdateService" => fleets.set_desired("main", "work", desired + 1).await,
            _ => fleets.service("main", "work").await.map(drop),
        };
        let refused = answer.unwrap_err().to_string();
        assert!(refused.contains(said), "{action}: {refused}");
        trouble.set(None);
        let stands = fleets.service("main", "work").await.unwrap().desired;
        assert_eq!(stands, desired, "{action}: nothing was done");
        desired += 1;
        fleets.set_desired("main", "work", desired).await.unwrap();
        assert_eq!(fleets.service("main", "work").await.unwrap().desired, desired);
    }
    assert!(*trouble.refused.lock().unwrap() >= 4);
    local.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_cluster_service_or_queue_is_named_with_what_to_do() {
    let (local, clients) = aws(SERVICE, Arc::new(Trouble::default())).await;
    let fleets = EcsFleets::new(&clients);
    let todo = "create it, or have the scaler's schedule name another";
    let cases = [
        ("other", "work", "no cluster `other`"),
        ("main", "x", "no service `x` in cluster `main`"),
    ];
    for (cluster, service, missing) in cases {
        let described = fleets.service(cluster, service).await.map(drop);
        let updated = fleets.set_desired(cluster, service, 3).await;
        for said in [described, updated].map(|it| it.unwrap_err().to_string()) {
            assert!(said.contains(&format!("there is {missing}: {todo}")), "{said}");
        }
    }
    let depth = SqsDepths::new(&clients).depth("http://127.0.0.1:1/000000000000/gone").await;
    let said = depth.unwrap_err().to_string();
    assert!(
        said.contains(&format!("there is no queue http://127.0.0.1:1/000000000000/gone: {todo}"))
    );
    let fates = fleets.fates("other", &["1".into()]).await.unwrap_err().to_string();
    assert!(fates.contains("there is no cluster `other`"), "{fates}");
    assert_eq!(fleets.service("main", "work").await.unwrap().desired, 0, "it goes on");
    local.stop().await;
}
