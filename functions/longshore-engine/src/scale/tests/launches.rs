//! Launches that come to nothing, or whose answers are lost.

use longshore::run::RefusalKind;

use super::*;

#[test]
fn want_of_room_is_no_failure_and_is_asked_for_gently() {
    let (cloud, queue) = (Cloud::new(), queue());
    let yard = yard(&cloud);
    lock(&yard.now).visible = 10_000;
    lock(&yard.now).room = Some(3);
    scaled(&cloud, &yard, &queue, MINUTE_SECS);
    assert_eq!((reason(&yard), lock(&yard.now).alive()), (Reason::Throttled, 3));
    let counts: Vec<u32> = lock(&yard.now).calls.iter().map(|(_, count)| *count).collect();
    assert!(counts[2..].iter().all(|count| *count == 1), "{counts:?}");
    lock(&yard.now).room = None;
    scaled(&cloud, &yard, &queue, MINUTE_SECS);
    assert_eq!(lock(&yard.now).alive(), 7);
}

#[test]
fn launches_that_are_refused_for_good_are_stopped() {
    let (cloud, queue) = (Cloud::new(), queue());
    let yard = yard(&cloud);
    lock(&yard.now).visible = 10_000;
    lock(&yard.now).refusal = Some(RefusalKind::Permanent);
    scaled(&cloud, &yard, &queue, 9);
    assert_eq!(row(&yard).trouble.as_deref(), Some("ECS: refused"), "it can be read why");
    scaled(&cloud, &yard, &queue, 2 * MINUTE_SECS);
    assert_eq!((reason(&yard), lock(&yard.now).calls.len()), (Reason::Failing, 1));
}

#[test]
fn tasks_that_stop_before_they_begin_have_failed() {
    let (cloud, queue) = (Cloud::new(), queue());
    let yard = yard(&cloud);
    lock(&yard.now).visible = 10_000;
    scaled(&cloud, &yard, &queue, 5);
    for task in &mut lock(&yard.now).tasks {
        task.ended = Some(Fate::Stopped);
    }
    scaled(&cloud, &yard, &queue, 2 * MINUTE_SECS);
    assert_eq!((reason(&yard), lock(&yard.now).tasks.len()), (Reason::Failing, 7));
}

#[test]
fn an_answer_that_is_lost_is_asked_for_with_the_same_token() {
    let (cloud, queue) = (Cloud::new(), queue());
    let yard = yard(&cloud);
    lock(&yard.now).visible = 10_000;
    lock(&yard.now).is_uncertain = true;
    scaled(&cloud, &yard, &queue, 15);
    let calls = lock(&yard.now).calls.clone();
    assert!(calls.len() > 2 && calls.iter().all(|call| *call == calls[0]), "{calls:?}");
    lock(&yard.now).is_uncertain = false;
    scaled(&cloud, &yard, &queue, MINUTE_SECS);
    assert_eq!(lock(&yard.now).tasks.len(), 7);
    assert!(lock(&yard.now).calls.iter().all(|call| *call == calls[0]));
}
