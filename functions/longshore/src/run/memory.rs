//! The next size of a Fargate task that was killed for its memory.

use super::stopped::TaskChange;

/// Memory of a Fargate task in MiB by its CPU units: least, step, most (ECS developer guide, task
/// CPU and memory). 256 units take 512, 1,024 and 2,048 only.
const SIZES: [(u32, u32, u32, u32); 7] = [
    (256, 512, 512, 2_048),
    (512, 1_024, 1_024, 4_096),
    (1_024, 2_048, 1_024, 8_192),
    (2_048, 4_096, 1_024, 16_384),
    (4_096, 8_192, 1_024, 30_720),
    (8_192, 16_384, 4_096, 61_440),
    (16_384, 32_768, 8_192, 122_880),
];

/// Twice the memory of the task, as far as its CPU allows it; nothing if it has the most already,
/// or if its containers and not the task have memory.
#[must_use]
pub fn raised_memory(task: &TaskChange) -> Option<u32> {
    let (cpu, memory) = (task.cpu?, task.memory?);
    let (_, least, step, most) = SIZES.into_iter().find(|(units, ..)| *units == cpu)?;
    let doubled = memory.saturating_mul(2).clamp(least, most);
    let raised = match (cpu, doubled - (doubled - least) % step) {
        (256, 1_536) => 1_024,
        (_, raised) => raised,
    };
    (raised > memory).then_some(raised)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::samples::stopped;

    fn raised(cpu: u32, memory: u32) -> Option<u32> {
        raised_memory(&TaskChange { cpu: Some(cpu), memory: Some(memory), ..stopped(None, &[]) })
    }

    #[test]
    fn memory_doubles_within_what_fargate_takes() {
        assert_eq!(raised(256, 512), Some(1_024));
        assert_eq!(raised(256, 1_024), Some(2_048));
        assert_eq!(raised(256, 2_048), None, "256 units take no more");
        assert_eq!(raised(1_024, 5_120), Some(8_192), "as much as there is");
        assert_eq!(raised(8_192, 20_480), Some(40_960));
        assert_eq!(raised(16_384, 122_880), None);
        assert_eq!(raised(333, 512), None, "not a Fargate task");
    }
}
