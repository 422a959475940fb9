//! A chart that a person can read: what came, what waited, and how many tasks there were.
//!
//! ```text
//! title
//! arrivals per second   ▁▂▅▇▃▁
//! messages waiting      a line for each scaler
//! tasks                 a line for each scaler
//! legend: what it cost, and how long messages waited
//! ```

mod axis;
mod svg;

use self::{
    axis::{Axis, clock},
    svg::Svg,
};
use crate::{
    number::real,
    outcome::Outcome,
    timeline::{Moment, Timeline},
    trace::Trace,
};

/// Width of the chart, and of what is left and right of its panels, in pixels.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
/// Height of what is above the first panel, and between panels.
const TOP: f64 = 50.0;
const GAP: f64 = 46.0;
/// Heights of the panels: arrivals, messages, tasks.
const HEIGHTS: [f64; 3] = [90.0, 190.0, 190.0];
/// Height of a line of the legend.
const LINE: f64 = 22.0;
/// Colours that people who see few colours can tell apart (Okabe and Ito), ours first.
const COLOURS: [&str; 6] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
/// Width of our line, and of the others.
const BOLD: f64 = 2.6;
const THIN: f64 = 1.4;

/// What one scaler made of a trace.
#[derive(Clone, Debug)]
pub struct Curve {
    /// What became of it.
    pub outcome: Outcome,
    /// What it looked like.
    pub timeline: Timeline,
}

/// The chart of a trace as SVG; the first curve is drawn bold.
#[must_use]
pub fn chart(trace: &Trace, curves: &[Curve]) -> String {
    let height = TOP + HEIGHTS.iter().sum::<f64>() + 3.0 * GAP + LINE * real(curves.len()) + 10.0;
    let mut svg = Svg::new(WIDTH, height);
    let end_secs = curves.iter().filter_map(|curve| curve.timeline.moments().last());
    let end_secs = end_secs.map(|last| last.at_secs).fold(trace.end_secs, f64::max);
    svg.text(LEFT, 28.0, "title", &title(trace));
    let mut top = TOP;
    let arrivals = per_sec(curves.first());
    let most = arrivals.iter().map(|(_, count)| *count).fold(0.0, f64::max);
    let panel = Panel { top, height: HEIGHTS[0], x: Axis::time(end_secs), y: Axis::of(most) };
    panel.frame(&mut svg, "arrivals per second");
    panel.area(&mut svg, &arrivals);
    for (nth, (what, of)) in [WAITING, TASKS].into_iter().enumerate() {
        top += HEIGHTS[nth] + GAP;
        let most = curves.iter().flat_map(|curve| curve.timeline.moments()).map(of);
        let y = Axis::of(most.fold(0.0, f64::max));
        let panel = Panel { top, height: HEIGHTS[nth + 1], x: Axis::time(end_secs), y };
        panel.frame(&mut svg, what);
        for (nth, curve) in curves.iter().enumerate().rev() {
            let points = curve.timeline.moments().iter().map(|it| (it.at_secs, of(it)));
            panel.line(&mut svg, points, nth);
        }
    }
    legend(&mut svg, top + HEIGHTS[2] + GAP, trace, curves);
    svg.end()
}

type Measure = fn(&Moment) -> f64;
const WAITING: (&str, Measure) = ("messages waiting", |moment| real(moment.waiting));
const TASKS: (&str, Measure) =
    ("tasks that are starting, at work or leaving", |moment| real(moment.tasks));

fn title(trace: &Trace) -> String {
    format!(
        "{}: {} messages of {:.1} s, {} at once in a task, to begin within {:.0} s",
        trace.name,
        trace.arrivals.len(),
        trace.mean_work_secs(),
        trace.slots,
        trace.max_wait_secs
    )
}

/// Arrivals per second between neighbouring moments.
fn per_sec(curve: Option<&Curve>) -> Vec<(f64, f64)> {
    let moments = curve.map(|curve| curve.timeline.moments()).unwrap_or_default();
    let rate = |pair: &[Moment]| match pair {
        [from, to] => (from.at_secs, real(to.come - from.come) / (to.at_secs - from.at_secs)),
        _ => (0.0, 0.0),
    };
    moments.windows(2).map(rate).collect()
}

fn legend(svg: &mut Svg, top: f64, trace: &Trace, curves: &[Curve]) {
    for (nth, curve) in curves.iter().enumerate() {
        let y = top + LINE * real(nth);
        svg.line(&[(LEFT, y - 4.0), (LEFT + 28.0, y - 4.0)], colour(nth), width(nth));
        let outcome = &curve.outcome;
        let said = format!(
            "{}: p99 {:.0} s, {:.2} % over {:.0} s, ${:.2} ({:.2} × the work), {} launches, {} \
             redelivered",
            outcome.scaler,
            outcome.wait_p99_secs,
            100.0 * outcome.over_share,
            trace.max_wait_secs,
            outcome.dollars,
            outcome.cost_ratio,
            outcome.launches,
            outcome.redeliveries
        );
        svg.text(LEFT + 36.0, y, "legend", &said);
    }
}

fn colour(nth: usize) -> &'static str {
    COLOURS.get(nth % COLOURS.len()).copied().unwrap_or("#000000")
}

fn width(nth: usize) -> f64 {
    if nth == 0 { BOLD } else { THIN }
}

/// A frame with two axes.
struct Panel {
    top: f64,
    height: f64,
    x: Axis,
    y: Axis,
}

impl Panel {
    fn at(&self, (secs, value): (f64, f64)) -> (f64, f64) {
        let x = LEFT + (WIDTH - LEFT - RIGHT) * self.x.share(secs);
        (x, self.top + self.height * (1.0 - self.y.share(value)))
    }

    fn frame(&self, svg: &mut Svg, what: &str) {
        let (bottom, right) = (self.top + self.height, WIDTH - RIGHT);
        svg.text(LEFT, self.top - 8.0, "what", what);
        for value in self.y.ticks() {
            let (_, y) = self.at((0.0, value));
            svg.line(&[(LEFT, y), (right, y)], "#dddddd", 1.0);
            svg.text(LEFT - 8.0, y + 4.0, "left", &axis::number(value));
        }
        for secs in self.x.ticks() {
            let (x, _) = self.at((secs, 0.0));
            svg.line(&[(x, bottom), (x, bottom + 4.0)], "#888888", 1.0);
            svg.text(x, bottom + 17.0, "below", &clock(secs));
        }
    }

    fn area(&self, svg: &mut Svg, points: &[(f64, f64)]) {
        let mut outline = vec![self.at((0.0, 0.0))];
        for pair in points.windows(2) {
            if let [from, to] = pair {
                outline.extend([self.at(*from), self.at((to.0, from.1))]);
            }
        }
        let end = points.last().map_or(0.0, |(secs, _)| *secs);
        outline.push(self.at((end, 0.0)));
        svg.area(&outline, "#9aa5b1");
    }

    fn line(&self, svg: &mut Svg, points: impl Iterator<Item = (f64, f64)>, nth: usize) {
        let points: Vec<(f64, f64)> = points.map(|point| self.at(point)).collect();
        svg.line(&points, colour(nth), width(nth));
    }
}

#[cfg(test)]
mod tests;
