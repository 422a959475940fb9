//! Messages that are runs of a pool ─▶ the work of a task of its own.

use longshore::{
    config::Variables,
    poll::{Ask, Ended, Message, Stopped},
    pool::PoolMessage,
    run::Worker,
    trigger::Launch,
};
use longshore_aws::{Clients, LedgerTable, Machine, SqsQueue, Task};
use longshore_engine::{
    Crew, Did, Hands,
    poll::{Hold, Work},
    work_off_run,
};
use tracing::warn;

/// Does the work of runs, beside that of messages.
pub(super) trait RunWork: Work {
    /// Does the work of `launch`, whose fence `task` holds, until `hold` asks it to end.
    fn run(
        &self,
        launch: &Launch,
        ledger: &LedgerTable,
        task: &str,
        hold: &Hold,
    ) -> impl Future<Output = Did>;
}

/// What a worker needs for runs.
#[derive(Debug)]
pub(super) struct Post {
    ledger: LedgerTable,
    outcomes: SqsQueue,
    task: String,
    worker: Worker,
    hands: Hands,
}

/// Messages, of which some are runs.
pub(super) struct WithRuns<'a, W> {
    pub(super) work: &'a W,
    /// Why there can be none, if there can be none.
    pub(super) post: Result<Post, String>,
}

impl Post {
    /// For a worker that is `task`.
    pub(super) async fn of(
        variables: &Variables,
        clients: &Clients,
        task: Option<&Task>,
    ) -> Result<Self, String> {
        let set = |name| variables.required(name).map_err(|error| error.to_string());
        let (ledger, outcomes) = (set("LONGSHORE_LEDGER")?, set("LONGSHORE_OUTCOMES")?);
        let task = task.ok_or("this is not a container of an ECS task")?;
        let place = task.cluster().zip(task.definition());
        let (cluster, definition) = place.ok_or("the task names no cluster or no definition")?;
        let container = longshore_aws::container(variables).await;
        let container = container.map_err(|error| error.to_string())?;
        Ok(Self {
            ledger: LedgerTable::new(clients, ledger),
            outcomes: SqsQueue::new(clients, outcomes),
            task: task.arn.clone(),
            worker: Worker { cluster, definition, container },
            hands: Hands::default(),
        })
    }
}

impl<W: RunWork> Work for WithRuns<'_, W> {
    async fn work(&self, message: &Message, hold: &Hold) -> Ended {
        let Some(run) = PoolMessage::parse(&message.body) else {
            return self.work.work(message, hold).await;
        };
        let Post { ledger, outcomes, task, worker, hands } = match &self.post {
            Ok(post) => post,
            Err(why) => {
                warn!(run.id = %run.launch.run, why, "The run of a pool is left to other workers");
                return Ended::TryLater(why.clone());
            }
        };
        let crew = Crew { ledger, world: &Machine, outcomes, task, worker, hands };
        let does = async |launch: &Launch| self.work.run(launch, ledger, task, hold).await;
        Box::pin(work_off_run(&crew, &run, does)).await
    }
}

/// Returns when the worker wants the work to end, or to end `at_once`.
pub(super) async fn asked_to_end(hold: &Hold, at_once: bool) {
    let mut known = None;
    loop {
        known = hold.asked(known).await;
        match known {
            Some(Ask::Stop(Stopped::Leaving)) => return,
            Some(Ask::Finish) if !at_once => return,
            _ => {}
        }
    }
}
