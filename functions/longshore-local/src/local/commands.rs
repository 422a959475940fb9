//! Which commands are the functions and containers of a template on this machine.

use std::collections::BTreeMap;

use crate::template::{FunctionSpec, Resource, Stack, TaskDefinitionSpec};

/// Commands by the logical id of a function or a task definition, or by the family of the latter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    /// Given by the user: they count before what the template says.
    pub given: BTreeMap<String, Vec<String>>,
    /// Known beforehand: they count where the template says nothing.
    pub fallback: BTreeMap<String, Vec<String>>,
}

impl Commands {
    /// Puts the commands into the resources of `stack`; answers the given names that are none's.
    pub(super) fn apply(&self, stack: &mut Stack) -> Vec<String> {
        let mut unused: Vec<String> = self.given.keys().cloned().collect();
        for declared in &mut stack.resources {
            match &mut declared.resource {
                Resource::Function(function) => {
                    self.of_function(function);
                    unused.retain(|name| *name != function.logical_id);
                }
                Resource::TaskDefinition(definition) => {
                    self.of_task(definition);
                    unused.retain(|name| {
                        *name != definition.logical_id && *name != definition.family
                    });
                }
                _ => {}
            }
        }
        unused
    }

    fn of_function(&self, function: &mut FunctionSpec) {
        let given = self.given.get(&function.logical_id).cloned();
        let own = function.command.take();
        function.command =
            given.or(own).or_else(|| self.fallback.get(&function.logical_id).cloned());
    }

    fn of_task(&self, definition: &mut TaskDefinitionSpec) {
        let named = |commands: &BTreeMap<String, Vec<String>>| {
            commands
                .get(&definition.logical_id)
                .or_else(|| commands.get(&definition.family))
                .cloned()
        };
        let (given, fallback) = (named(&self.given), named(&self.fallback));
        for container in &mut definition.containers {
            let own = container.entrypoint.take();
            container.entrypoint = given.clone().or(own).or_else(|| fallback.clone());
        }
    }
}
