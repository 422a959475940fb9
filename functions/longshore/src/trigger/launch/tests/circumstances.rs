//! What the launches before this one have met changes where it runs, and nothing else.

use std::collections::BTreeSet;

use super::*;
use crate::trigger::Seconds;

/// Settings with `capacity` as (provider, weight) and these subnets.
fn settings(capacity: &[(&str, u32)], subnets: &[&str]) -> Value {
    let item = |&(provider, weight): &(&str, u32)| json!({"provider": provider, "weight": weight});
    let mut envelope =
        with("/trigger/task/capacity", capacity.iter().map(item).collect::<Vec<_>>().into());
    envelope["trigger"]["task"]["network"]["subnets"] = json!(subnets);
    envelope
}

fn frozen_in(envelope: &Value, circumstances: Circumstances) -> Launch {
    let (trigger, object) = parsed(envelope);
    let plan = plan(&trigger, &Event::Object(object));
    let id = LaunchId { run: plan.run.clone(), attempt: 1, launch: 1 };
    Launch::freeze(&trigger, &plan.input, &id, &circumstances)
}

fn after_refusals(capacity_refusals: u32) -> Circumstances {
    Circumstances { capacity_refusals, ..Circumstances::default() }
}

const WITHOUT_SPOT: Circumstances =
    Circumstances { capacity_refusals: 0, is_spot_over: true, memory: None, losses: 0 };

fn capacity(launch: &Launch) -> Vec<(&str, u32)> {
    launch.task.capacity.iter().map(|item| (item.provider.as_str(), item.weight)).collect()
}

fn subnets(launch: &Launch) -> &[String] {
    &launch.task.network.as_ref().unwrap().subnets
}

#[test]
fn the_first_launch_leaves_the_choice_to_ecs() {
    let mixed = settings(&[("FARGATE_SPOT", 3), ("FARGATE", 1)], &["subnet-1", "subnet-2"]);
    let launch = frozen_in(&mixed, Circumstances::default());
    assert_eq!(launch.task, parsed(&mixed).0.task);
}

#[test]
fn each_refusal_for_want_of_capacity_tries_elsewhere() {
    let mixed = settings(&[("FARGATE_SPOT", 3), ("FARGATE", 1)], &["subnet-1", "subnet-2"]);
    let mut tried = BTreeSet::new();
    for refusals in 1..=4 {
        let launch = frozen_in(&mixed, after_refusals(refusals));
        let ([(provider, _)], [subnet]) = (&capacity(&launch)[..], subnets(&launch)) else {
            panic!("{:?}", launch.task)
        };
        tried.insert((provider.to_string(), subnet.clone()));
    }
    assert_eq!(tried.len(), 4, "every provider in every subnet: {tried:?}");
    assert_eq!(
        frozen_in(&mixed, after_refusals(5)).task,
        frozen_in(&mixed, after_refusals(1)).task
    );
    assert_eq!(capacity(&frozen_in(&mixed, after_refusals(200))), [("FARGATE", 1)]);
}

#[test]
fn a_provider_without_weight_gets_one_when_it_is_left_alone() {
    let overflow = settings(&[("FARGATE_SPOT", 1), ("FARGATE", 0)], &["subnet-1"]);
    assert_eq!(capacity(&frozen_in(&overflow, after_refusals(1))), [("FARGATE_SPOT", 1)]);
    assert_eq!(capacity(&frozen_in(&overflow, after_refusals(2))), [("FARGATE", 1)]);
    assert_eq!(capacity(&frozen_in(&overflow, WITHOUT_SPOT)), [("FARGATE", 1)]);
    let heavy = settings(&[("FARGATE_SPOT", 3)], &["subnet-1"]);
    assert_eq!(capacity(&frozen_in(&heavy, after_refusals(1))), [("FARGATE_SPOT", 3)]);
}

#[test]
fn a_launch_type_has_no_provider_to_rotate() {
    let mut fargate = without(&["/trigger/task/capacity"]);
    fargate["trigger"]["task"]["launchType"] = json!("FARGATE");
    fargate["trigger"]["task"]["network"]["subnets"] = json!(["subnet-1", "subnet-2"]);
    let second = frozen_in(&fargate, Circumstances { is_spot_over: true, ..after_refusals(2) });
    assert_eq!((capacity(&second), subnets(&second)), (vec![], &["subnet-2".to_owned()][..]));
}

#[test]
fn after_three_spot_losses_a_run_is_launched_on_demand() {
    let mixed = settings(&[("FARGATE_SPOT", 3), ("FARGATE", 2)], &["subnet-1"]);
    assert_eq!(capacity(&frozen_in(&mixed, WITHOUT_SPOT)), [("FARGATE", 2)]);
    let alone = settings(&[("FARGATE_SPOT", 3)], &["subnet-1"]);
    assert_eq!(capacity(&frozen_in(&alone, WITHOUT_SPOT)), [("FARGATE", 1)]);
    let instances = settings(&[("my-instances", 1)], &["subnet-1"]);
    let launch = frozen_in(&instances, WITHOUT_SPOT);
    assert_eq!(capacity(&launch), [("my-instances", 1)], "there was no Spot to be over");
}

#[test]
fn more_memory_is_the_tasks_and_not_the_events() {
    let more = Circumstances { memory: Some(2_048), ..Circumstances::default() };
    assert_eq!(frozen_in(&envelope(), more).task.memory.as_deref(), Some("2048"));
    let said = with("/trigger/task/memory", json!("512"));
    assert_eq!(frozen_in(&said, more).task.memory.as_deref(), Some("2048"));
    let usual = frozen_in(&said, Circumstances::default());
    assert_eq!(usual.task.memory.as_deref(), Some("512"));
}

#[test]
fn a_task_knows_how_long_it_may_run() {
    let (mut trigger, object) = parsed(&envelope());
    let plan = plan(&trigger, &Event::Object(object));
    let id = LaunchId { run: plan.run.clone(), attempt: 1, launch: 1 };
    let variable = |trigger: &Trigger| {
        let launch = Launch::freeze(trigger, &plan.input, &id, &Circumstances::default());
        launch.environment.get("LONGSHORE_TIMEOUT").cloned()
    };
    assert_eq!(variable(&trigger), None);
    trigger.task.timeout = Some(Seconds::new(1_800));
    assert_eq!(variable(&trigger).as_deref(), Some("1800"), "in seconds");
}

proptest! {
    #[test]
    fn circumstances_change_where_a_task_runs_and_nothing_else(
        capacity_refusals in 0..300_u32,
        is_spot_over: bool,
        weights in proptest::collection::vec(0..3_u32, 1..4),
        places in 1..5_usize,
    ) {
        let names = ["FARGATE_SPOT", "FARGATE", "other"];
        let mut items: Vec<_> = names.into_iter().zip(weights).collect();
        items[0].1 += 1;
        let subnet_names = ["subnet-1", "subnet-2", "subnet-3", "subnet-4"];
        let envelope = settings(&items, &subnet_names[..places]);
        let usual = frozen_in(&envelope, Circumstances::default());
        let circumstances = Circumstances { capacity_refusals, is_spot_over, memory: None, losses: 0 };
        let launch = frozen_in(&envelope, circumstances);
        prop_assert!(launch.task.capacity.iter().any(|item| item.weight > 0), "ECS takes it");
        let is_known = |subnet| subnets(&usual).contains(subnet);
        prop_assert!(!subnets(&launch).is_empty() && subnets(&launch).iter().all(is_known));
        let is_spot_gone = capacity(&launch).iter().all(|(provider, _)| *provider != "FARGATE_SPOT");
        prop_assert!(!is_spot_over || is_spot_gone);
        let mut same_place = launch.clone();
        same_place.task.capacity.clone_from(&usual.task.capacity);
        same_place.task.network.clone_from(&usual.task.network);
        prop_assert_eq!(same_place, usual);
    }
}
