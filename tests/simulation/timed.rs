//! The schedule of a trigger: when its ticks are, what it says of them, and what becomes of their
//! events.

use std::collections::BTreeMap;

use jiff::Timestamp;
use longshore::trigger::Overlap;
use serde_json::{Value, json};

use super::{
    chance::Dice,
    world::{HOUR, MINUTE, SECOND, instant},
};

/// Who sends the events of all schedules.
pub(super) const SCHEDULE: &str = "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/sim";
/// From one tick to the next in minutes; each divides an hour, so that a rate and a cron expression
/// can say it.
const INTERVALS_MINS: [u64; 5] = [2, 3, 5, 6, 10];
/// Fewest ticks of a schedule, and how many more there may be, before it falls silent.
const TICKS: (u64, u64) = (2, 7);
/// Most further deliveries of the event of a tick.
const COPIES_MAX: u64 = 3;
/// How late the event of a tick is that is late, at most: it may have been given up for lost.
const LATE_MS_MAX: u64 = 40 * MINUTE;
/// When another copy comes, at the latest.
const COPY_MS_MAX: u64 = 2 * HOUR;
/// How long after a tick somebody asks for it, at most.
const ASKED_MS_MAX: u64 = HOUR;
/// How long before the event that tells of it a deployment is, at most.
const TOLD_MS_MAX: u64 = 5 * MINUTE;
/// How long after its tick no event is given up for lost, beyond the flexible window.
const GRACE_MS: u64 = 10 * MINUTE;
/// Ticks in a row that are told of while the schedule is silent, at the least.
const SILENCE_MAX: u64 = 10;

/// See the module.
#[derive(Debug)]
pub(super) struct Timed {
    is_cron: bool,
    has_start: bool,
    interval_mins: u64,
    first_ms: u64,
    end_ms: Option<u64>,
    window_mins: u64,
    pub(super) overlap: Overlap,
    start_within_mins: Option<u64>,
    pub(super) catch_up: u64,
    pub(super) shards: Option<u32>,
    pub(super) events: Vec<TickEvent>,
}

/// An event of a tick.
#[derive(Clone, Debug)]
pub(super) struct TickEvent {
    pub(super) tick_ms: u64,
    pub(super) sent_ms: u64,
    pub(super) visible_ms: Vec<u64>,
    /// Whether it is not the schedule that sends it, but somebody who asks for the tick.
    pub(super) is_asked: bool,
}

impl Timed {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        use Overlap::{Allow, Queue, Replace, Skip};
        let is_cron = dice.one_in(2);
        let interval_mins = dice.pick(&INTERVALS_MINS);
        let first_ms = if is_cron {
            interval_mins * MINUTE
        } else {
            dice.below(interval_mins * MINUTE) / SECOND * SECOND
        };
        let mut timed = Self {
            is_cron,
            has_start: dice.one_in(2),
            interval_mins,
            first_ms,
            end_ms: None,
            window_mins: dice.pick(&[0, 0, 0, 1, 5]),
            overlap: dice.pick(&[Allow, Skip, Skip, Queue, Queue, Replace, Replace]),
            start_within_mins: dice.pick(&[None, None, Some(3), Some(15), Some(45)]),
            catch_up: dice.below(4),
            shards: dice.one_in(3).then(|| 2 + u32::try_from(dice.below(3)).unwrap_or(0)),
            events: Vec::new(),
        };
        let ticks = TICKS.0 + dice.below(TICKS.1);
        let end_ms = timed.at_ms(ticks + dice.below(4)) - 1;
        timed.end_ms = dice.one_in(2).then_some(end_ms / SECOND * SECOND);
        timed.draw_events(dice, ticks);
        timed
    }

    fn draw_events(&mut self, dice: &mut Dice, ticks: u64) {
        let lost_one_in = dice.pick(&[0, 4, 2]);
        let late_one_in = dice.pick(&[0, 4, 2]);
        for nth in 0..ticks {
            let is_lost = lost_one_in > 0 && dice.one_in(lost_one_in);
            let is_late = late_one_in > 0 && dice.one_in(late_one_in);
            if !is_lost {
                self.sends(dice, nth, is_late);
            }
        }
        if dice.one_in(3) {
            for _ in 0..=dice.below(2) {
                let tick_ms = self.at_ms(dice.below(ticks));
                let sent_ms = tick_ms + dice.below(ASKED_MS_MAX);
                let visible_ms = vec![sent_ms + dice.below(SECOND)];
                self.events.push(TickEvent { tick_ms, sent_ms, visible_ms, is_asked: true });
            }
        }
    }

    fn sends(&mut self, dice: &mut Dice, nth: u64, is_late: bool) {
        let tick_ms = self.at_ms(nth);
        let sent_ms = tick_ms + dice.below(self.window_mins * MINUTE) + dice.below(SECOND);
        let late_ms = if is_late { LATE_MS_MAX } else { SECOND };
        let mut visible_ms = vec![sent_ms + dice.below(late_ms)];
        if dice.one_in(3) {
            let copies = 1 + dice.below(COPIES_MAX);
            visible_ms.extend((0..copies).map(|_| sent_ms + dice.below(COPY_MS_MAX)));
        }
        self.events.push(TickEvent { tick_ms, sent_ms, visible_ms, is_asked: false });
    }

    /// The first event after `at_ms` comes at once, and tells of what was deployed not long before;
    /// when it was, unless there is no such event.
    pub(super) fn tells_of(&mut self, at_ms: u64) -> Option<u64> {
        let later = self.events.iter_mut().filter(|event| event.sent_ms > at_ms);
        let event = later.min_by_key(|event| event.sent_ms)?;
        event.visible_ms.push(event.sent_ms);
        Some(at_ms.max(event.sent_ms.saturating_sub(TOLD_MS_MAX)))
    }

    /// When the `nth` tick is due.
    fn at_ms(&self, nth: u64) -> u64 {
        self.first_ms + nth * self.interval_mins * MINUTE
    }

    /// When the tick after the one of `tick_ms` is due, if there is one.
    pub(super) fn next_ms(&self, tick_ms: u64) -> Option<u64> {
        let next_ms = tick_ms + self.interval_mins * MINUTE;
        self.end_ms.is_none_or(|end_ms| next_ms <= end_ms).then_some(next_ms)
    }

    /// Whether there is a tick at `ms`.
    pub(super) fn has(&self, ms: u64) -> bool {
        let is_one =
            ms >= self.first_ms && (ms - self.first_ms).is_multiple_of(self.interval_mins * MINUTE);
        is_one && self.end_ms.is_none_or(|end_ms| ms <= end_ms)
    }

    /// When the tick is given up for lost, at the earliest.
    pub(super) fn lost_ms(&self, tick_ms: u64) -> u64 {
        tick_ms + GRACE_MS + self.window_mins * MINUTE
    }

    /// When it is too late to start the tick.
    pub(super) fn late_ms(&self, tick_ms: u64) -> Option<u64> {
        self.start_within_mins.map(|mins| tick_ms + mins * MINUTE)
    }

    /// Most ticks in a row that are told of while the schedule is silent.
    pub(super) fn silence_max(&self) -> u64 {
        self.catch_up.max(SILENCE_MAX)
    }

    /// When the first event of each tick comes, of the schedule's or of those that were asked for.
    pub(super) fn come_ms(&self, are_asked: bool) -> BTreeMap<u64, u64> {
        let mut first = BTreeMap::new();
        for event in self.events.iter().filter(|event| event.is_asked == are_asked) {
            for visible_ms in &event.visible_ms {
                let known = first.entry(event.tick_ms).or_insert(*visible_ms);
                *known = (*known).min(*visible_ms);
            }
        }
        first
    }

    /// Runs there may be.
    pub(super) fn runs_max(&self) -> u64 {
        TICKS.0 + TICKS.1 + self.silence_max()
    }

    /// What the settings say of it.
    pub(super) fn settings(&self) -> Value {
        let mins = self.interval_mins;
        let mut settings = json!({
            "expression": if self.is_cron {
                format!("cron(0/{mins} * * * ? *)")
            } else {
                format!("rate({mins} minutes)")
            },
            "overlap": self.overlap,
            "catchUp": self.catch_up,
        });
        if self.has_start {
            settings["start"] = json!(instant(self.first_ms));
        }
        if let Some(end_ms) = self.end_ms {
            settings["end"] = json!(instant(end_ms));
        }
        if self.window_mins > 0 {
            settings["flexibleTimeWindow"] = json!(format!("{}m", self.window_mins));
        }
        if let Some(mins) = self.start_within_mins {
            settings["startWithin"] = json!(format!("{mins}m"));
        }
        if let Some(shards) = self.shards {
            settings["shards"] = json!(shards);
        }
        settings
    }
}

impl TickEvent {
    /// As the schedule, or a person's command, sends it.
    pub(super) fn body(&self) -> Value {
        json!({
            "detail-type": "Scheduled Event",
            "time": instant(self.tick_ms),
            "resources": [SCHEDULE],
            "detail": {"asked": self.is_asked},
        })
    }
}

/// Milliseconds of an instant since the beginning.
pub(super) fn ms_of(instant: Timestamp) -> u64 {
    let begin = super::world::instant(0);
    u64::try_from(instant.duration_since(begin).as_millis()).unwrap_or_default()
}
