//! A scale from 0 with round numbers.

/// Most ticks of an axis.
const TICKS_MAX: f64 = 6.0;
/// Round distances of clock ticks, in seconds.
const CLOCK_STEPS_SECS: [f64; 12] = [
    10.0, 30.0, 60.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 43_200.0, 86_400.0,
    604_800.0,
];

/// A scale from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    most: f64,
    step: f64,
}

impl Axis {
    /// Up to the next round number.
    pub(super) fn of(most: f64) -> Self {
        let rough = most.max(1e-9) / TICKS_MAX;
        let ten = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * ten);
        let step = step.clone().find(|step| *step >= rough).unwrap_or(10.0 * ten);
        Self { most: step * (most / step).ceil().max(1.0), step }
    }

    /// Seconds, up to the end.
    pub(super) fn time(end_secs: f64) -> Self {
        let steps = CLOCK_STEPS_SECS.into_iter();
        let step = steps.clone().find(|step| end_secs / step <= 2.0 * TICKS_MAX);
        Self { most: end_secs.max(1.0), step: step.unwrap_or(604_800.0) }
    }

    /// Where a value is, between 0 and 1.
    pub(super) fn share(&self, value: f64) -> f64 {
        (value / self.most).clamp(0.0, 1.0)
    }

    pub(super) fn ticks(self) -> impl Iterator<Item = f64> {
        (0..=u8::MAX)
            .map(move |nth| f64::from(nth) * self.step)
            .take_while(move |at| *at <= self.most * 1.000_001)
    }
}

/// `90 min` as `1:30 h`, and less than an hour as minutes.
pub(super) fn clock(secs: f64) -> String {
    let minutes = secs / 60.0;
    match secs {
        0.0 => "0".into(),
        short if short < 60.0 => format!("{secs:.0} s"),
        short if short < 3_600.0 && minutes.fract() < 0.01 => format!("{minutes:.0} min"),
        short if short < 3_600.0 => format!("{minutes:.1} min"),
        _ => format!("{:.0}:{:02.0} h", (secs / 3_600.0).floor(), (secs % 3_600.0) / 60.0),
    }
}

/// A number without more digits than it needs.
pub(super) fn number(value: f64) -> String {
    match value {
        large if large >= 1e6 => format!("{}M", trimmed(value / 1e6)),
        large if large >= 1e4 => format!("{}k", trimmed(value / 1e3)),
        _ => trimmed(value),
    }
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(axis: Axis) -> String {
        axis.ticks().map(number).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks(Axis::of(7.0)), "0 2 4 6 8");
        assert_eq!(ticks(Axis::of(200.0)), "0 50 100 150 200");
        assert_eq!(ticks(Axis::of(987_654.0)), "0 200k 400k 600k 800k 1M");
        assert_eq!(ticks(Axis::of(0.3)), "0 0.05 0.1 0.15 0.2 0.25 0.3");
        assert_eq!(Axis::of(0.0).ticks().count(), 2);
    }

    #[test]
    fn time_is_told_as_people_do() {
        let told: Vec<String> = Axis::time(9_000.0).ticks().map(clock).collect();
        assert_eq!(told, ["0", "30 min", "1:00 h", "1:30 h", "2:00 h", "2:30 h"]);
        assert_eq!([clock(10.0), clock(90.0), clock(300.0)], ["10 s", "1.5 min", "5 min"]);
    }
}
