use serde_json::json;

use super::*;

fn queue(fleet: &serde_json::Value, shadow: bool) -> Queue {
    let url = "http://127.0.0.1/1/work.fifo";
    Queue::parse("q", json!({"queue": url, "fleet": fleet, "shadow": shadow})).unwrap()
}

fn tasks(cluster: &str) -> serde_json::Value {
    json!({"tasks": {"task": {
        "definition": "worker:3", "cluster": cluster, "container": "app", "env": {"A": "b"},
    }}})
}

fn asking(queue: &Queue) -> Scaled {
    let (at, token) = (Timestamp::UNIX_EPOCH, "t".to_owned());
    let open = Ask { at, token: token.clone(), count: 3, tasks: None };
    let answered = Ask { at, token, count: 3, tasks: Some(Vec::new()) };
    Scaled { asks: vec![open, answered], victims: vec!["v".into()], ..Scaled::new(queue) }
}

#[test]
fn what_is_open_is_done_again_in_the_same_words() {
    let scaled = asking(&queue(&tasks("main"), false));
    let acts = scaled.acts(None);
    assert_eq!((acts.launches.len(), acts.drains), (1, &["v".to_owned()][..]));
    let launch = &acts.launches[0];
    assert_eq!((launch.count, launch.token, launch.started_by.as_str()), (3, "t", "lsq/work_fifo"));
    assert_eq!(
        json!(launch.environment),
        json!({"A": "b", "LONGSHORE_QUEUE": "http://127.0.0.1/1/work.fifo", "LONGSHORE_SLOTS": "1"})
    );
    assert_eq!(scaled.acts(None), acts);
}

#[test]
fn the_desired_count_is_set_where_it_is_another() {
    let service = queue(&json!({"service": {"cluster": "main", "service": "s"}}), false);
    let staff = Staff { desired: Some(3), ..Staff::default() };
    let scaled = Scaled { staff, ..Scaled::new(&service) };
    let seen = |desired| Service { desired, ..Service::default() };
    assert_eq!(scaled.acts(Some(&seen(2))).desired, Some(3));
    assert_eq!(scaled.acts(Some(&seen(3))).desired, None);
    assert_eq!(scaled.acts(None).desired, None, "what is not known is left alone");
}

#[test]
fn what_was_asked_of_another_fleet_is_forgotten() {
    let main = queue(&tasks("main"), false);
    let kept = |queue: &Queue| asking(&main).taken(queue, "me").asks.len();
    assert_eq!(kept(&main), 2);
    assert_eq!(kept(&queue(&tasks("other"), false)), 0);
    assert_eq!(kept(&queue(&tasks("main"), true)), 0);
    let taken = asking(&main).taken(&main, "me");
    assert_eq!((taken.ver, taken.epoch, taken.holder.as_str()), (1, 1, "me"));
}
