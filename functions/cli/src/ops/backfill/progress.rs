//! How far a backfill is: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::ended::Counts;
use crate::page::{complain, thousands};

/// Between two lines where no bar can be: a log of a long backfill stays short.
const LINE: Duration = Duration::from_secs(10);

/// Shows counts on standard error.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    is_silent: bool,
    told_at: Instant,
}

impl Progress {
    /// Of `total` events, if that is known.
    pub(super) fn new(total: Option<u64>, is_silent: bool) -> Self {
        let shows_bar = !is_silent && std::io::stderr().is_terminal();
        let bar = shows_bar.then(|| match total {
            Some(total) => {
                bar(ProgressBar::new(total), "{wide_bar} {pos}/{len}  {msg}  {eta} left")
            }
            None => bar(ProgressBar::new_spinner(), "{spinner} {pos}  {msg}  {elapsed}"),
        });
        Self { bar, is_silent, told_at: Instant::now() }
    }

    pub(super) fn tell(&mut self, counts: &Counts) {
        let said = || format!("{} sent, {} known", thousands(counts.sent), thousands(counts.known));
        if let Some(bar) = &self.bar {
            bar.set_message(said());
            bar.set_position(counts.all());
        } else if !self.is_silent && self.told_at.elapsed() >= LINE {
            complain("longshore", &said());
            self.told_at = Instant::now();
        }
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A template that is wrong leaves the usual one.
fn bar(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
