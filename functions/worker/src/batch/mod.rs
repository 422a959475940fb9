//! A tick of a schedule: the objects under a prefix, or of an inventory, become items of a table.
//!
//! ```text
//! tick ─▶ fence ─▶ since when ─▶ names ─▶ shard, filter ─▶ 4 objects at a time ─▶ summary ─▶ report
//! ```

mod settings;
mod verdict;

use std::{
    future::pending,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jiff::Timestamp;
use longshore::{
    batch::{Filter, Found, Options, Since, Source, Tally},
    config::Variables,
};
use longshore_aws::Machine;
use longshore_engine::{
    PATIENCE, TELL, Trouble,
    ingest::{
        IngestError, IngestPlan,
        tick::{Course, Inventory, Names, Pages, ingest_as_it_is, since, work_off},
    },
    patiently,
    ports::{Clock as _, ObjectRef, Ticks as _},
};
use tokio::signal::unix::SignalKind;
use tracing::{info, warn};

use crate::{Desk, STOPPED, post::Post, settings::Settings, tell, unusable};
use settings::TickSettings;

/// How long objects under way have after SIGTERM: the default stop timeout of a container is 30 s
/// (ECS developer guide), and the report needs some of it.
const DRAIN: Duration = Duration::from_secs(20);

/// Works off the tick that the variables name.
pub(super) async fn run(variables: &Variables, options: &Options) -> ExitCode {
    longshore_aws::telemetry::start(variables);
    let settings = match Settings::read(variables) {
        Ok(settings) => settings,
        Err(error) => return unusable(&error),
    };
    let tick = match TickSettings::read(variables, &settings, options) {
        Ok(tick) => tick,
        Err(error) => return unusable(&error),
    };
    let post = match Post::take(variables, &settings).await {
        Ok(post) => post,
        Err(code) => return code,
    };
    let mut work = Work::new(&settings, &tick, options);
    let ended = Box::pin(until_stopped(&post, &mut work)).await;
    let ended_at = Machine.now();
    let verdict = verdict::verdict(&ended, &work.tally, tick.shard, work.since);
    if let Some((result, _)) = &verdict {
        let end = verdict::end(&ended, &work.tally);
        let summary = work.summary(end, result, ended_at);
        let keep = || async { Ok::<_, Trouble>(post.ledger.keep(&summary).await?) };
        match patiently(&Machine, TELL, keep).await {
            Ok(true) => {}
            Ok(false) => warn!("A later attempt has kept its summary of the tick"),
            // The next tick looks at more than it had to.
            Err(trouble) => warn!(%trouble, "The summary of the tick could not be kept"),
        }
    }
    tell(&post.ledger, &settings, &post.task, verdict).await
}

/// The work on one shard of a tick, and what is known of it whenever it ends.
struct Work<'a> {
    settings: &'a Settings,
    tick: &'a TickSettings,
    options: &'a Options,
    began: Timestamp,
    /// What was worked off, and where to.
    scope: String,
    since: Option<Timestamp>,
    /// Of the objects modified before, none is missed.
    complete_until: Timestamp,
    tally: Tally,
}

/// Works until all is done, the run is another's, or SIGTERM and some time.
async fn until_stopped(post: &Post, work: &mut Work<'_>) -> Result<(), IngestError> {
    let stop = AtomicBool::new(false);
    tokio::select! {
        ended = work.all(post, &stop) => ended,
        () = drained(&stop) => Err(IngestError::Retryable(STOPPED.into())),
    }
}

/// Says when to stop, and returns when those under way have had their time.
async fn drained(stop: &AtomicBool) {
    let Ok(mut terminate) = tokio::signal::unix::signal(SignalKind::terminate()) else {
        return pending().await;
    };
    terminate.recv().await;
    info!("SIGTERM: no more objects are taken");
    stop.store(true, Ordering::Relaxed);
    tokio::time::sleep(DRAIN).await;
}

impl<'a> Work<'a> {
    fn new(settings: &'a Settings, tick: &'a TickSettings, options: &'a Options) -> Self {
        let began = Machine.now();
        let scope = format!("{} into {}", options.scope(), settings.table);
        let (since, complete_until, tally) = (None, began, Tally::default());
        Self { settings, tick, options, began, scope, since, complete_until, tally }
    }

    async fn all(&mut self, post: &Post, stop: &AtomicBool) -> Result<(), IngestError> {
        let Self { settings, tick, options, .. } = *self;
        self.since = match options.choice.since {
            Since::Ever => None,
            Since::At(at) => Some(at),
            Since::Previous => {
                let ask = || since(&post.ledger, &tick.trigger, tick.scheduled_at, &self.scope);
                patiently(&Machine, PATIENCE, ask).await?
            }
        };
        info!(source = ?options.source, since = ?self.since, shard = %tick.shard, "The tick is begun");
        let tools = post.tools(settings).await?;
        let desk = post.desk(&tools, settings);
        match &options.source {
            Source::Prefix(place) => {
                let filter = self.filter(&place.bucket);
                let mut names = Pages::new(desk.objects, &Machine, place);
                Box::pin(self.work_off(&desk, &place.bucket, &mut names, &filter, stop)).await
            }
            Source::Inventory(place) => {
                let opened = Inventory::open(desk.objects, &Machine, place, &tick.buckets);
                let mut names = opened.await?;
                let bucket = names.bucket().to_owned();
                self.complete_until = names.complete_until();
                let filter = self.filter(&bucket);
                names.suits(&filter)?;
                Box::pin(self.work_off(&desk, &bucket, &mut names, &filter, stop)).await
            }
        }
    }

    fn filter(&self, bucket: &str) -> Filter {
        Filter {
            choice: self.options.choice.clone(),
            since: self.since,
            shard: self.tick.shard,
            dead_letters: self.settings.dead_letters_in(bucket),
        }
    }

    async fn work_off(
        &mut self,
        desk: &Desk<'_>,
        bucket: &str,
        names: &mut impl Names,
        filter: &Filter,
        stop: &AtomicBool,
    ) -> Result<(), IngestError> {
        let settings = self.settings;
        let work = |found: Found| async move {
            let (bucket, key) = (bucket.to_owned(), found.key);
            let object = ObjectRef { bucket, key, version_id: None, etag: None };
            let plan = IngestPlan { sets_object_aside: true, ..settings.plan(object) };
            let Desk { objects, table, lease, .. } = desk;
            let ended = ingest_as_it_is(*objects, *table, &Machine, lease, &plan).await;
            if let Err(error) = &ended {
                warn!(key = plan.object.key, %error, "Object is not done");
            }
            ended
        };
        let parallel = self.options.parallel;
        let course = Course { filter, parallel, lease: &desk.lease, stop };
        work_off(names, &course, work, &mut self.tally).await
    }
}
