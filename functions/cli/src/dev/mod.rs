//! `longshore dev`: the deployed template on this machine, a sample through it, and what happens.
//!
//! ```text
//! template ─▶ Local ─▶ sample ─▶ steps as they happen ─▶ rows, history ─▶ how to upload one's own
//! ```

mod follow;
mod own;
mod sample;
mod start;
mod steps;

use std::process::ExitCode;

use longshore_local::{Happening, Local};
use tokio::{signal::unix::SignalKind, sync::broadcast::error::RecvError};

use crate::{
    args::DevArgs,
    page::{self, say},
};
use sample::Sample;
use steps::Steps;

/// Runs until Ctrl-C or SIGTERM, or until the sample is through.
pub(crate) async fn dev(args: DevArgs, stack_name: &str) -> ExitCode {
    let once = args.once;
    let (mut interrupt, mut terminate) =
        match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
            (Ok(interrupt), Ok(terminate)) => (interrupt, terminate),
            (Err(error), _) | (_, Err(error)) => {
                complain(&error.to_string());
                return ExitCode::FAILURE;
            }
        };
    let with_sample = !args.no_sample;
    let (local, steps) = match start::start(args, stack_name).await {
        Ok(started) => started,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::FAILURE;
        }
    };
    let code = tokio::select! {
        code = through(&local, steps, with_sample, once) => code,
        _ = interrupt.recv() => stopped(once),
        _ = terminate.recv() => stopped(once),
    };
    local.stop().await;
    code
}

fn signal(kind: SignalKind) -> std::io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(kind)
}

fn stopped(once: bool) -> ExitCode {
    say("\nStopping.");
    // Whoever asked for one pass did not get it.
    if once { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn through(local: &Local, mut steps: Steps, with_sample: bool, once: bool) -> ExitCode {
    let Some(sample) = Sample::of(local) else {
        if once {
            complain(NO_SAMPLE);
            return ExitCode::FAILURE;
        }
        say(STAYS);
        while steps.next().await != Err(RecvError::Closed) {}
        return ExitCode::SUCCESS;
    };
    let followed = follow(local, &sample, steps, with_sample, once).await;
    match followed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn follow(
    local: &Local,
    sample: &Sample,
    steps: Steps,
    with_sample: bool,
    once: bool,
) -> Result<(), String> {
    let clients = sample::clients(local.endpoint()).await.map_err(|error| error.to_string())?;
    let mut follow = sample.follow(&clients, steps);
    if with_sample {
        match sample.run(&clients, &mut follow).await {
            Err(error) if once => return Err(error),
            // Whoever stays can look for the reason.
            Err(error) => complain(&error),
            Ok(()) => {}
        }
    }
    let clock = local.clock().variable();
    let (endpoint, clock) = (local.endpoint(), clock.as_deref());
    say(&page::upload_your_own(endpoint, clock, &sample.bucket, &sample.key_field));
    if once {
        return Ok(());
    }
    say(STAYS);
    loop {
        follow.next_ended().await?;
    }
}

fn complain(text: &str) {
    page::complain("longshore dev", text);
}

const STAYS: &str = "\nCtrl-C stops it.\n";
const NO_SAMPLE: &str = "the template has no bucket `Uploads` with tables `Ledger` and `Records`, \
    so there is no sample to run; leave out --once";

/// A step with its time.
type Step = (jiff::Timestamp, Happening);
