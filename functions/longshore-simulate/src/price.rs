//! What task-seconds cost.

/// Fargate on Linux/X86 in us-east-1, per vCPU and hour (AWS Fargate pricing).
const VCPU_HOUR_DOLLARS: f64 = 0.04048;
/// The same per GB of memory and hour (AWS Fargate pricing).
const GB_HOUR_DOLLARS: f64 = 0.004_445;
const HOUR_SECS: f64 = 3_600.0;

/// The size of a task, and what an hour of it costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// vCPUs of a task.
    pub vcpus: f64,
    /// Memory of a task in GB.
    pub gigabytes: f64,
    /// Dollars per vCPU and hour.
    pub vcpu_hour_dollars: f64,
    /// Dollars per GB and hour.
    pub gb_hour_dollars: f64,
}

impl Default for Price {
    /// A task of 1 vCPU and 2 GB.
    fn default() -> Self {
        Self {
            vcpus: 1.0,
            gigabytes: 2.0,
            vcpu_hour_dollars: VCPU_HOUR_DOLLARS,
            gb_hour_dollars: GB_HOUR_DOLLARS,
        }
    }
}

impl Price {
    /// Dollars for so many seconds of a task.
    #[must_use]
    pub fn dollars(&self, task_secs: f64) -> f64 {
        let hour = self.vcpus * self.vcpu_hour_dollars + self.gigabytes * self.gb_hour_dollars;
        task_secs / HOUR_SECS * hour
    }
}

#[cfg(test)]
mod tests {
    use super::Price;

    #[test]
    fn an_hour_of_a_task_costs_five_cents() {
        let dollars = Price::default().dollars(3_600.0);
        assert!((dollars - 0.04937).abs() < 1e-9, "{dollars}");
    }
}
