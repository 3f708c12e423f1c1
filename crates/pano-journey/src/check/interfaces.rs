//! Step 6: the operations that open tasks to apps.

use super::Subject;
use crate::diagnostic::Code;
use crate::model::{Message, Operation};
use std::collections::BTreeSet;

pub(super) fn check(subject: &mut Subject<'_>) {
    let journey = subject.journey;
    let operations: &[Operation] = journey.api.as_ref().map_or(&[], |api| &api.operations);
    let mut routes: BTreeSet<(&str, String)> = BTreeSet::new();
    for operation in operations {
        let place = &operation.name.place;
        if operation.routes.len() != 1 {
            subject.say(Code::MethodMissing, place, operation.routes.len().to_string());
        }
        for (method, path) in &operation.routes {
            if !is_template(path) {
                subject.say(Code::PathTemplate, &path.place, path.value.clone());
            } else if !routes.insert((*method, shape(path))) {
                subject.say(Code::RouteDuplicate, &path.place, format!("{method} {}", **path));
            }
            if *method == "get" && operation.request.is_some() {
                subject.say(Code::BodyOnRead, place, operation.name.value.clone());
            }
        }
        if operation.scope.is_none() {
            subject.say(Code::ScopeMissing, place, operation.name.value.clone());
        }
        for message in operation.request.iter().chain(&operation.response) {
            if let Message::Facts(facts) = message {
                facts.iter().for_each(|fact| subject.known_fact(fact));
            }
        }
        opened(subject, operation);
    }
    for task in journey.tasks.iter().filter(|task| task.api) {
        if !operations.iter().any(|operation| operation.task.value == task.name.value) {
            subject.say(Code::TaskUnopened, &task.name.place, task.name.value.clone());
        }
    }
}

fn opened(subject: &mut Subject<'_>, operation: &Operation) {
    let journey = subject.journey;
    subject.known(Code::TaskUnknown, &operation.task, journey.tasks.iter().map(|task| &task.name));
    let Some(task) = journey.tasks.iter().find(|task| task.name.value == operation.task.value) else { return };
    if !task.api {
        subject.say(Code::TaskClosed, &operation.task.place, task.name.value.clone());
    }
    let grave = task.moves_funds() || operation.level.as_ref().is_some_and(|level| level.value == "A2");
    if grave && operation.sca.as_ref().is_none_or(|sca| sca.value != "required") {
        subject.say(Code::ControlWeak, &operation.name.place, operation.name.value.clone());
    }
    let reads = operation.routes.iter().all(|(method, _)| *method == "get");
    if task.moves_funds() && !operation.idempotent && !reads {
        subject.say(Code::IdempotencyMissing, &operation.name.place, operation.name.value.clone());
    }
}

/// Whole segments in braces, each variable once.
fn is_template(path: &str) -> bool {
    let mut seen = BTreeSet::new();
    path.split('/').all(|segment| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => !name.is_empty() && !name.contains(['{', '}']) && seen.insert(name),
        None => !segment.contains(['{', '}']),
    })
}

/// The path with its variables all alike: two paths of one shape match the same requests.
fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}
