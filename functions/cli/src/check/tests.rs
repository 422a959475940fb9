use super::*;

const NOON: &str = "2026-11-23T12:00:00Z";
const SETTINGS: &str = "\"task\": {\"definition\": \"arn:aws:ecs:us-east-1:000000000000:task-definition/w:1\", \
    \"cluster\": \"arn:aws:ecs:us-east-1:000000000000:cluster/c\", \"container\": \"w\", \
    \"network\": {\"subnets\": [\"s\"]}}";

/// A schedule whose own words are `own`, and whose trigger has these `settings`.
fn scheduled(id: &str, own: &str, settings: &str) -> String {
    format!(
        r#"
  {id}:
    Type: AWS::Scheduler::Schedule
    Properties:
      {own}
      Target:
        Arn: arn:aws:sqs:us-east-1:000000000000:inbox
        RoleArn: arn:aws:iam::000000000000:role/r
        Input: |-
          {{"source": "<aws.scheduler.schedule-arn>",
           "trigger": {{"name": "hourly", {SETTINGS}, {settings}}},
           "event": {{"detail-type": "Scheduled Event", "time": "<aws.scheduler.scheduled-time>",
             "resources": ["<aws.scheduler.schedule-arn>"]}}}}
"#
    )
}

const OWN: &str = "ScheduleExpression: cron(0 * * * ? *)\n      FlexibleTimeWindow: {Mode: 'OFF'}";

fn verdict(resources: &str) -> Result<Vec<Checked>, String> {
    let source = format!("Resources:{resources}");
    let none = BTreeMap::new();
    judged_at(&source, NOON.parse().unwrap(), &none)
}

fn judged_at(
    source: &str,
    now: Timestamp,
    parameters: &BTreeMap<String, String>,
) -> Result<Vec<Checked>, String> {
    judge(source, Path::new("t.yaml"), "longshore", parameters, (0.0, now))
        .map(|judged| judged.triggers)
        .map_err(|error| error.to_string())
}

#[test]
fn a_trigger_is_told_with_who_starts_it_and_when_next() {
    let found =
        verdict(&scheduled("Hourly", OWN, r#""schedule": {"expression": "cron(0 * * * ? *)"}"#));
    let found = found.unwrap();
    let said = (found[0].name.as_str(), found[0].by.as_str(), found[0].next);
    let next = Some("2026-11-23T13:00:00Z".parse().unwrap());
    assert_eq!(said, ("hourly", "Hourly: cron(0 * * * ? *) UTC", next));
}

#[test]
fn the_template_that_is_deployed_is_well() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/template.yaml");
    let source = std::fs::read_to_string(path).unwrap();
    let parameters = BTreeMap::from([("ScheduledPrefix".to_owned(), "hourly/".to_owned())]);
    let found = judged_at(&source, NOON.parse().unwrap(), &parameters).unwrap();
    let names: Vec<&str> = found.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["longshore-uploads", "longshore-scheduled"]);
    let parameters = BTreeMap::from([
        ("ScheduleExpression".to_owned(), "cron(0 0 31 2 ? *)".to_owned()),
        ("ScheduledPrefix".to_owned(), "hourly/".to_owned()),
    ]);
    let wrong = judged_at(&source, NOON.parse().unwrap(), &parameters).unwrap_err();
    assert!(wrong.contains("ScheduleExpression: `cron(0 0 31 2 ? *)` never fires"), "{wrong}");
}

#[test]
fn what_would_go_wrong_is_told_with_its_line_and_what_to_do() {
    let said = |settings: &str| verdict(&scheduled("Hourly", OWN, settings)).unwrap_err();
    let schedule =
        |rest: &str| format!(r#""schedule": {{"expression": "cron(0 * * * ? *)"{rest}}}"#);
    let cases = [
        (
            r#""schedule": {"expression": "rate(1 hour)"}"#.to_owned(),
            "trigger.schedule.expression: is `rate(1 hour)`, and of the schedule itself `cron(0 * * * ? *)`; say the same in both",
        ),
        (
            schedule(r#", "timezone": "Europe/Berlin""#),
            "timezone: is `Europe/Berlin`, and of the schedule itself `UTC`",
        ),
        (schedule(r#", "timezone": "Europe/Berlim""#), "trigger.schedule.timezone: "),
        (
            schedule(r#", "flexibleTimeWindow": "5m""#),
            "flexibleTimeWindow: is `5m`, and of the schedule itself `0s`",
        ),
        (
            schedule(r#", "start": "2026-11-24T00:00:00Z", "end": "2026-11-23T00:00:00Z""#),
            "trigger.schedule.end: ",
        ),
        (schedule(r#", "shards": 0"#), "trigger.schedule.shards: is not 1 to 64"),
        (
            schedule(r#", "startWithin": "5m", "jitter": "5m""#),
            "trigger.schedule.jitter: is not shorter than `startWithin`",
        ),
        (schedule(r#", "startWithin": "-5m""#), "trigger.schedule.startWithin: "),
        (
            r#""batch": {"objects": 5}"#.to_owned(),
            "trigger.schedule: is missing, and the event is a tick",
        ),
    ];
    for (settings, expected) in cases {
        let wrong = said(&settings);
        assert!(
            wrong.starts_with("t.yaml:2: Resources.Hourly: ") && wrong.contains(expected),
            "{wrong}"
        );
    }
}

#[test]
fn what_a_trigger_will_be_sorry_for_is_warned_of() {
    let settings = r#""schedule": {"expression": "cron(0 * * * ? *)", "startWithin": "30s"}"#;
    let found = verdict(&scheduled("Hourly", OWN, settings)).unwrap();
    let [warning] = &found[0].warnings[..] else { panic!("{found:?}") };
    assert!(warning.starts_with("hourly: trigger.schedule.startWithin: is `30s`"), "{warning}");
}

#[test]
fn the_words_of_a_batch_are_judged() {
    let whole = r#"s3://data/", "--whole-bucket"#;
    for (source, expected) in [
        ("s3://data/in/", None),
        (whole, None),
        ("s3://data/", Some("add --whole-bucket if all of it is meant")),
        ("s3://data", Some("says no prefix")),
    ] {
        let task = format!(r#""command": ["batch", "--source", "{source}"], "cluster""#);
        let hourly = scheduled("Hourly", OWN, r#""schedule": {"expression": "cron(0 * * * ? *)"}"#);
        let said = verdict(&hourly.replace("\"cluster\"", &task)).err();
        assert_eq!(said.is_some(), expected.is_some(), "{said:?}");
        assert!(said.unwrap_or_default().contains(expected.unwrap_or_default()));
    }
}

#[test]
fn one_name_is_one_trigger() {
    let schedule = r#""schedule": {"expression": "cron(0 * * * ? *)"}"#;
    let two = [scheduled("One", OWN, schedule), scheduled("Two", OWN, schedule)].concat();
    let wrong = verdict(&two).unwrap_err();
    assert!(
        wrong.contains("Resources.Two: trigger.name: `hourly` is the name of One's trigger too"),
        "{wrong}"
    );
}

/// A schedule that has a queue scaled in these ways.
fn scaling(id: &str, scale: &str) -> String {
    format!(
        r#"
  {id}:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(1 minute)
      FlexibleTimeWindow: {{Mode: 'OFF'}}
      Target:
        Arn: arn:aws:lambda:us-east-1:000000000000:function:scaler
        RoleArn: arn:aws:iam::000000000000:role/r
        Input: '{{"queues": [{{"queue": "https://sqs.us-east-1.amazonaws.com/1/work", "scale": {scale},
          "fleet": {{"service": {{"cluster": "c", "service": "s"}}}}}}]}}'
"#
    )
}

#[test]
fn a_queue_is_judged_as_the_scaler_would() {
    let judged = |resources: &str| {
        let source = format!("Resources:{resources}");
        let now = NOON.parse().unwrap();
        judge(&source, Path::new("t.yaml"), "longshore", &BTreeMap::new(), (0.0, now))
    };
    let well = judged(&scaling("Scaler", r#"{"maxWait": "20s"}"#)).unwrap().queues;
    assert_eq!((well[0].queue.as_str(), well[0].by.as_str()), ("work", "Scaler"));
    let warning = well[0].warning.as_deref().unwrap();
    assert!(
        warning.starts_with("work: maxWait is 20 s, and a task is assumed to take 40 s"),
        "{warning}"
    );
    let refused = |resources: &str| judged(resources).unwrap_err().to_string();
    let wrong = refused(&scaling("Scaler", r#"{"minTasks": 20, "maxTasks": 3}"#));
    let why = "queues[0].scale.minTasks: is 20, more than maxTasks, which is 3";
    assert!(wrong.contains(why), "{wrong}");
    let twice = refused(&(scaling("One", "{}") + &scaling("Other", "{}")));
    assert!(twice.contains("queues: `work` is scaled by One too"), "{twice}");
}

/// What is warned of in the deployed template, at so many objects a second.
fn warned_at(rate: f64, parameters: &[(&str, &str)]) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/template.yaml");
    let source = std::fs::read_to_string(&path).unwrap();
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let given = parameters.iter().map(text).collect();
    let judged = judge(&source, &path, "longshore", &given, (rate, NOON.parse().unwrap()));
    judged.unwrap().triggers.into_iter().flat_map(|it| it.warnings).collect()
}

#[test]
fn a_pool_is_advised_where_a_task_for_each_object_is_too_many() {
    let advised = warned_at(12.0, &[]);
    assert!(advised[0].contains("12.0 launches a second") && advised[0].contains("Launch=pool"));
    for (rate, parameters) in
        [(4.0, &[][..]), (12.0, &[("Launch", "pool")]), (100.0, &[("BatchObjects", "50")])]
    {
        assert_eq!(warned_at(rate, parameters), Vec::<String>::new(), "{rate} {parameters:?}");
    }
}

#[test]
fn a_pool_to_which_nobody_sends_workers_is_warned_of() {
    let queue = "\"launch\": \"pool\", \"queue\": \"https://sqs.us-east-1.amazonaws.com/1/elsewhere\", \
        \"schedule\": {\"expression\": \"cron(0 * * * ? *)\"}";
    let found = verdict(&scheduled("Hourly", OWN, queue)).unwrap();
    assert!(found[0].warnings[0].contains("the queue elsewhere, which no schedule"));
}

#[test]
fn a_dead_letter_queue_is_nobodys_to_work_off() {
    let queues = r"
  Work:
    Type: AWS::SQS::Queue
    Properties: {QueueName: work, RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}}
  Dead: {Type: 'AWS::SQS::Queue', Properties: {QueueName: work-dead}}
";
    let pooled = |queue: &str| {
        let pool = format!(
            r#""launch": "pool", "queue": "https://sqs.us-east-1.amazonaws.com/1/{queue}", "#
        );
        scheduled("Hourly", OWN, &(pool + r#""schedule": {"expression": "cron(0 * * * ? *)"}"#))
    };
    let todo = "`work-dead` is the dead-letter queue of Work; name that queue";
    for (fine, dead, at) in [
        (
            scaling("Scaler", "{}"),
            scaling("Scaler", "{}").replace("1/work", "1/work-dead"),
            "queues",
        ),
        (pooled("work"), pooled("work-dead"), "trigger.queue"),
    ] {
        verdict(&(fine + queues)).unwrap();
        let wrong = verdict(&(dead + queues)).unwrap_err();
        assert!(wrong.starts_with("t.yaml:2: Resources."), "{wrong}");
        assert!(wrong.contains(&format!("{at}: {todo}")), "{wrong}");
    }
}
