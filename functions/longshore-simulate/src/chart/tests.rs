use super::*;
use crate::{Longshore, Observing, Shape, Tracking, World, watch};
use longshore::scale::Bias;

fn curves(trace: &Trace) -> Vec<Curve> {
    let settings = Longshore::settings(trace, Bias::Balanced);
    let mut ours = Longshore::new("longshore", &settings, Observing::Workers).unwrap();
    let mut peer = Tracking::backlog_per_task(trace);
    let world = World::default();
    let (outcome, timeline) = watch(trace, &world, &mut ours, 1);
    let ours = Curve { outcome, timeline };
    let (outcome, timeline) = watch(trace, &world, &mut peer, 1);
    vec![ours, Curve { outcome, timeline }]
}

#[test]
fn a_chart_has_three_panels_and_a_line_for_each_scaler() {
    let trace = Shape::Flash.trace(1);
    let curves = curves(&trace);
    let svg = chart(&trace, &curves);
    for what in ["arrivals per second", "messages waiting", "tasks that are starting"] {
        assert_eq!(svg.matches(&format!(">{what}")).count(), 1, "{what}");
    }
    for colour in COLOURS.iter().take(2) {
        assert_eq!(svg.matches(&format!("stroke=\"{colour}\"")).count(), 3, "two panels, a legend");
    }
    assert!(svg.contains(" s, 0.00 % over 60 s, $"), "the legend tells the outcome");
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    assert!((100..=650).contains(&curves[0].timeline.moments().len()));
}

#[test]
fn names_cannot_break_out_of_the_drawing() {
    let trace = Trace { name: "</svg><script>&".into(), ..Shape::Sparse.trace(1) };
    let svg = chart(&trace, &curves(&trace));
    assert!(svg.contains("&lt;/svg&gt;&lt;script&gt;&amp;: "));
    assert_eq!(svg.matches("</svg>").count(), 1);
}

#[test]
fn nothing_at_all_is_drawn_too() {
    let trace = Trace::of("nothing", Vec::new(), 1.0, 1, 60.0, 1);
    let svg = chart(&trace, &curves(&trace));
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    assert!(!chart(&trace, &[]).contains("NaN"));
}
