//! A decision in one plain sentence.

use std::fmt;

use super::decision::{Decision, Numbers, Reason};

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, launch, drain, .. } = *self;
        match (launch, drain) {
            _ if to > from => write!(f, "Scale out from {} to {to}", tasks(from))?,
            _ if to < from => write!(f, "Scale in from {} to {to}", tasks(from))?,
            _ => write!(f, "Stay at {}", tasks(to))?,
        }
        match (launch, drain) {
            _ if to > from && launch < to - from => write!(f, ", {launch} now")?,
            _ if to < from && drain < from - to => write!(f, ", {drain} leave now")?,
            _ => {}
        }
        f.write_str(": ")?;
        self.why(f)
    }
}

impl Decision {
    fn why(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = &self.numbers;
        let Numbers { arrivals_per_sec, service_secs, launch_secs, .. } = *numbers;
        match self.reason {
            Reason::Steady => write!(
                f,
                "{arrivals_per_sec:.2} messages come per second, of {service_secs:.1} s of work each"
            ),
            Reason::Deadline => self.why_deadline(f),
            Reason::Forecast => write!(
                f,
                "{} and {arrivals_per_sec:.2} come per second, and a task is expected to take \
                 {launch_secs:.0} s to start",
                waiting(numbers.visible)
            ),
            Reason::Cap if numbers.visible + numbers.in_flight < 1.0 => {
                f.write_str("no message waits and none is in flight")
            }
            Reason::Cap => write!(
                f,
                "no more than there is to do: {} and {:.0} are in flight",
                waiting(numbers.visible),
                numbers.in_flight
            ),
            Reason::Min => f.write_str("minTasks are kept"),
            Reason::Max => write!(
                f,
                "maxTasks allows no more, {} {}",
                waiting(numbers.visible),
                wait(numbers.longest_wait_secs)
            ),
            Reason::Later => write!(
                f,
                "{} and can, until others have come that share a task",
                waiting(numbers.visible)
            ),
            Reason::Hold if self.to < self.from => {
                f.write_str("the others are at work, or were needed a moment ago")
            }
            Reason::Hold => f.write_str("they are at work, or were needed a moment ago"),
            Reason::PaidMinute => f.write_str(
                "the others are at work, or in their first minute, which is paid already",
            ),
            Reason::Stale => match numbers.read_secs_ago {
                Some(secs) => {
                    write!(f, "the queue was last read {secs:.0} s ago, so nothing leaves")
                }
                None => f.write_str("the queue was not read yet, so nothing leaves"),
            },
            Reason::Throttled => write!(
                f,
                "ECS takes no more launches now, the rest follow; {} {}",
                waiting(numbers.visible),
                wait(numbers.longest_wait_secs)
            ),
            Reason::Failing => write!(
                f,
                "{} of the last 10 launches failed, so one is tried every 5 minutes; see the \
                 stopped reason of its tasks",
                numbers.launches_failed
            ),
        }
    }

    fn why_deadline(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.numbers.urgent {
            Some(urgent) => write!(
                f,
                "{}, for {:.0} s or more, and must begin in time; work on one takes {:.1} s",
                waiting(urgent.messages),
                urgent.waited_secs,
                self.numbers.service_secs
            ),
            None => write!(f, "{} in flight", self.numbers.in_flight),
        }
    }
}

fn tasks(count: u32) -> String {
    if count == 1 { "1 task".into() } else { format!("{count} tasks") }
}

fn waiting(messages: f64) -> String {
    match messages {
        few if few < 0.5 => "no message waits".into(),
        few if few < 1.5 => "1 message waits".into(),
        many => format!("{many:.0} messages wait"),
    }
}

fn wait(longest_secs: Option<f64>) -> String {
    match longest_secs {
        Some(secs) => format!("up to {secs:.0} s"),
        None => "until there is a task".into(),
    }
}

#[cfg(test)]
mod tests;
