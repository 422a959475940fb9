//! Task sizes: how they may be written, and which of them Fargate has.

use serde_json::Value;

/// CPU units of one vCPU.
pub(super) const UNITS_PER_VCPU: f64 = 1024.0;

/// MiB of one GB, as ECS counts.
const MIB_PER_GB: f64 = 1024.0;

/// CPU units of `1024`, `"1024"` or `"1 vCPU"`.
pub(super) fn cpu_units(size: &Value) -> Option<u32> {
    amount(size, "vcpu", UNITS_PER_VCPU)
}

/// MiB of `2048`, `"2048"` or `"2 GB"`.
pub(super) fn memory_mib(size: &Value) -> Option<u32> {
    amount(size, "gb", MIB_PER_GB)
}

fn amount(size: &Value, unit: &str, per_unit: f64) -> Option<u32> {
    let text = match size {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        _ => return None,
    };
    let Some(number) = text.strip_suffix(unit) else { return text.parse().ok() };
    let amount = number.trim().parse::<f64>().ok()? * per_unit;
    format!("{amount:.0}").parse().ok()
}

/// Whether Fargate has that size (Amazon ECS developer guide, "Task size").
pub(super) fn exists_on_fargate(cpu: u32, memory: u32) -> bool {
    let (least, most, step) = match cpu {
        256 => return matches!(memory, 512 | 1024 | 2048),
        512 => (1024, 4096, 1024),
        1024 => (2048, 8192, 1024),
        2048 => (4096, 16_384, 1024),
        4096 => (8192, 30_720, 1024),
        8192 => (16_384, 61_440, 4096),
        16_384 => (32_768, 122_880, 8192),
        _ => return false,
    };
    (least..=most).contains(&memory) && (memory - least).is_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_every_form_that_ecs_takes() {
        for (size, units) in [
            (Value::from(256), Some(256)),
            (Value::from("256"), Some(256)),
            (Value::from(".25 vCPU"), Some(256)),
            (Value::from("1 vcpu"), Some(1024)),
            (Value::from("much"), None),
            (Value::Null, None),
        ] {
            assert_eq!(cpu_units(&size), units, "{size}");
        }
        assert_eq!(memory_mib(&Value::from("0.5GB")), Some(512));
        assert_eq!(memory_mib(&Value::from("30 GB")), Some(30_720));
    }

    #[test]
    fn fargate_has_the_sizes_of_its_table_only() {
        for (cpu, memory, exists) in [
            (256, 512, true),
            (256, 1536, false),
            (256, 4096, false),
            (512, 3072, true),
            (1024, 1024, false),
            (4096, 30_720, true),
            (8192, 20_480, true),
            (8192, 18_432, false),
            (16_384, 122_880, true),
            (300, 512, false),
        ] {
            assert_eq!(exists_on_fargate(cpu, memory), exists, "{cpu} {memory}");
        }
    }
}
