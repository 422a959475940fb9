//! The objects of a bucket that the trigger's rule would match, page by page.

use longshore::{
    backfill::{Pattern, envelope},
    trigger::{Event, Input, ObjectEvent, Registered},
};
use longshore_aws::{ObjectPlace, Rules, S3Objects};
use longshore_engine::ports::Ledger as _;
use serde_json::Value;

use super::{
    Outcome,
    ended::{Ended, pause, quoted},
    sending::{Flow, LOOKED_UP, Sending},
};
use crate::{
    args::BackfillArgs,
    ops::{OpsError, Stack},
};

/// Runs in which the trigger's bucket is looked for.
const RUNS_MAX: usize = 20;

pub(super) async fn objects(
    stack: &Stack,
    asked: &BackfillArgs,
    prefix: &str,
    is_json: bool,
) -> Result<Outcome, OpsError> {
    let trigger = stack.trigger(&asked.trigger).await?;
    if trigger.settings.schedule.is_some() {
        return Err(OpsError::Said(format!(
            "trigger {} is a schedule's, and its runs are of ticks: say --from and --to",
            asked.trigger
        )));
    }
    let pattern = Rules::new(&stack.clients).pattern(&trigger.source).await.map_err(|error| {
        OpsError::Said(format!(
            "{error}; which objects it matches is asked with events:DescribeRule"
        ))
    })?;
    let bucket = match &asked.bucket {
        Some(bucket) => bucket.clone(),
        None => bucket(stack, &asked.trigger, &pattern).await?,
    };
    let pattern = Pattern::parse(&pattern)
        .map_err(|error| OpsError::Said(format!("rule {}: {error}", trigger.source)))?;
    let mut sending = Sending::begin(stack, &trigger, asked, None, is_json).await?;
    let walk = Walk { trigger: &trigger, pattern, bucket: &bucket, prefix };
    let walked = walk.walk(stack, asked.after.as_deref(), &mut sending).await;
    sending.end();
    let (is_cut, trouble) = match walked {
        Err(error) if sending.counts.all() == 0 => return Err(error),
        Err(error) => (true, Some(error)),
        Ok(flow) => (flow == Flow::CutOff, None),
    };
    if sending.counts.all() == 0 && !is_cut {
        return Err(nothing_in(&bucket, prefix, asked.after.as_deref()));
    }
    let after = match &sending.last {
        Some(Event::Object(object)) => Some(object.key.as_str()),
        _ => asked.after.as_deref(),
    };
    let after = after.map(|key| format!(" --after {}", quoted(key))).unwrap_or_default();
    let rest = format!("--prefix {} --bucket {}{after}", quoted(prefix), quoted(&bucket));
    let ended = Ended {
        trigger: asked.trigger.clone(),
        noun: "object",
        counts: sending.counts.clone(),
        refusal: sending.refusal.clone(),
        notes: pause(&trigger).into_iter().collect(),
        go_on: is_cut.then(|| stack.again(&asked.trigger, &rest)),
    };
    Ok((ended, trouble))
}

fn nothing_in(bucket: &str, prefix: &str, after: Option<&str>) -> OpsError {
    let behind = after.map(|key| format!(" behind {}", key.escape_debug())).unwrap_or_default();
    OpsError::Said(format!("there is no object in s3://{bucket}/{}{behind}", prefix.escape_debug()))
}

/// Which objects.
struct Walk<'a> {
    trigger: &'a Registered,
    pattern: Pattern,
    bucket: &'a str,
    prefix: &'a str,
}

impl Walk<'_> {
    async fn walk(
        &self,
        stack: &Stack,
        after: Option<&str>,
        sending: &mut Sending<'_>,
    ) -> Result<Flow, OpsError> {
        let s3 = S3Objects::new(&stack.clients);
        let mut place = after.map(ObjectPlace::after);
        loop {
            let page = s3.page(self.bucket, self.prefix, place).await;
            let page = page.map_err(|error| {
                OpsError::Said(format!("bucket {}: {error}", self.bucket.escape_debug()))
            })?;
            let mut events = Vec::new();
            for object in page.objects {
                match self.event(object) {
                    Some(event) => events.push(event),
                    None => sending.pass(),
                }
            }
            for some in events.chunks(LOOKED_UP) {
                if sending.batch(some).await? == Flow::CutOff {
                    return Ok(Flow::CutOff);
                }
            }
            match page.next {
                Some(next) => place = Some(next),
                None => return Ok(Flow::GoOn),
            }
        }
    }

    /// The event of its upload, if the rule takes it.
    fn event(&self, object: ObjectEvent) -> Option<Event> {
        let event = Event::Object(object);
        self.pattern.matches(&envelope(self.trigger, &event)["event"]).then_some(event)
    }
}

/// The one bucket of the rule, or that of the newest run.
async fn bucket(stack: &Stack, trigger: &str, pattern: &str) -> Result<String, OpsError> {
    let pattern: Value = serde_json::from_str(pattern).unwrap_or_default();
    if let Some([Value::String(bucket)]) =
        pattern["detail"]["bucket"]["name"].as_array().map(Vec::as_slice)
    {
        return Ok(bucket.clone());
    }
    let trouble = |error| stack.ledger_error(error);
    let runs = stack.ledger.runs(trigger, false, RUNS_MAX, None).await.map_err(trouble)?;
    let mut newest = runs.runs;
    newest.sort_by_key(|run| std::cmp::Reverse(run.admitted_at));
    for run in newest {
        match &run.input {
            Input::Object(object) => return Ok(object.bucket.clone()),
            Input::Objects(several) => {
                let list = stack.ledger.list(&several.list).await.map_err(trouble)?;
                if let Some(listed) = list.into_iter().next() {
                    return Ok(listed.input.bucket);
                }
            }
            Input::Tick(_) => {}
        }
    }
    Err(OpsError::Said(format!(
        "neither the rule nor a run of trigger {trigger} tells the bucket: say --bucket"
    )))
}
