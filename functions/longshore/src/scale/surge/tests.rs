use super::*;
use crate::scale::policy::Settings;
use crate::trigger::Seconds;

/// The rates of each reading, where so many messages come in each of the times of 5 s.
fn judged(max_wait: u32, came: &[f64]) -> Vec<Rates> {
    let settings = Settings { max_wait: Seconds::new(max_wait), ..Settings::default() };
    let policy = Policy::new("queue", &settings).unwrap();
    let (mut known, mut surge, mut at_secs) = (Arrivals::default(), Surge::default(), 0.0);
    let judge = |&came: &f64| {
        at_secs += 5.0;
        let news = News { at_secs, secs: 5.0, ..News::default() };
        let arrivals = known.count(&news, came);
        let rates = surge.judge(&known, &news, arrivals, &policy);
        if rates.is_new {
            known.adopt(rates.per_sec);
        } else {
            known.learn(arrivals, news.secs);
        }
        rates
    };
    came.iter().map(judge).collect()
}

fn surge_secs(rates: &[Rates]) -> Vec<f64> {
    rates.iter().map(|rates| rates.surge_secs).collect()
}

#[test]
fn a_steady_stream_is_no_surge() {
    let rates = judged(60, &[[20.0, 30.0, 24.0, 26.0]; 30].concat());
    assert!(rates.iter().skip(20).all(|rates| rates.surge_secs <= 0.0 && !rates.is_new));
    let last = rates.last().unwrap();
    assert!((last.per_sec - 5.0).abs() < 0.5 && last.now_per_sec < 7.0, "{last:?}");
}

#[test]
fn a_rise_that_lasts_a_minute_is_the_new_rate() {
    let mut came = vec![25.0; 100];
    came.extend([250.0; 14]);
    let rates = judged(60, &came);
    let rise = &rates[100..];
    assert_eq!(surge_secs(&rise[..4]), [5.0, 10.0, 15.0, 20.0]);
    assert!((rise[3].now_per_sec - 50.0).abs() < 0.1 && rise[3].per_sec < 8.0, "{:?}", rise[3]);
    assert_eq!(rise.iter().position(|rates| rates.is_new), Some(11), "after 60 s");
    assert!((rise[12].per_sec - 50.0).abs() < 5.0, "{:?}", rise[12]);
}

#[test]
fn a_longer_wait_takes_longer_to_believe_in_a_rise() {
    let mut came = vec![25.0; 100];
    came.extend([250.0; 70]);
    let new = |max_wait| judged(max_wait, &came)[100..].iter().position(|rates| rates.is_new);
    assert_eq!((new(240), new(1_200)), (Some(11), Some(59)));
}

#[test]
fn a_fall_is_believed_as_soon_as_a_minute_tells() {
    let mut came = vec![250.0; 100];
    came.extend([25.0; 14]);
    let rates = judged(60, &came);
    let first = rates[100..].iter().position(|rates| rates.is_new).unwrap();
    assert!(first < 4, "{first}");
    assert!(rates[113].per_sec < 12.0, "{:?}", rates[113]);
}

#[test]
fn a_silence_that_is_no_chance_is_the_end_of_a_slow_stream() {
    let mut came = [0.0, 1.0].repeat(200);
    came.extend([0.0; 100]);
    let rates = &judged(60, &came)[400..];
    let first = rates.iter().position(|rates| rates.is_new).unwrap();
    assert!((36..70).contains(&first), "{first}: three minutes or more");
    assert!(rates[first - 1].per_sec > 0.03, "until then it only fades: {:?}", rates[first - 1]);
    assert!(rates[first..].iter().all(|rates| rates.per_sec <= 0.0), "and is over then");
}

#[test]
fn one_dump_is_a_surge_for_a_moment() {
    let mut came = vec![0.0; 100];
    came.push(10_000.0);
    came.extend([0.0; 5]);
    let rates = judged(60, &came);
    assert_eq!(surge_secs(&rates[100..]), [5.0, 10.0, 15.0, 0.0, 0.0, 0.0]);
    assert!(rates.iter().all(|rates| rates.per_sec < 1.0), "it is never a rate");
    assert!(rates[101].now_per_sec < 1.0, "and over with the next reading");
}
