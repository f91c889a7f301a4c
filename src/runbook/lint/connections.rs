//! Connections by name that the plan does not explain.

use super::{Review, codes, walk};
use crate::domain::plan::ActionKind;

/// One finding for each block whose connection is nowhere explained.
pub fn check(review: &mut Review<'_>) {
    let plan = review.plan;
    for action in walk::of_items(plan).chain(walk::of_steps(plan)) {
        let Some(name) = &action.connection else {
            continue;
        };
        let known = plan.connections.iter().any(|c| c.name == *name);
        if known || action.kind != ActionKind::Sql {
            continue;
        }
        // The attribute stands on the line of the fence, above the code.
        let mut near = action.span;
        near.first = near.first.saturating_sub(REACH).max(1);
        let place = review.source.find(near, &format!("connection={name}"));
        let place = place.or_else(|| review.source.find(action.span, name));
        let place = place.unwrap_or_else(|| review.source.whole(action.span.first));
        let message = format!("the plan does not say where its connection {name} leads");
        review.say(&codes::UNKNOWN_CONNECTION, place, message);
    }
}

/// How far above its first statement the fence of an action may begin.
const REACH: u32 = 40;

#[cfg(test)]
mod tests {
    use super::super::tests::{NONE, at, underlined};

    #[test]
    fn a_connection_that_nothing_explains_is_said() {
        let text = "# P\n## Rollback\n```sql { connection=orders }\nUPDATE t SET a = 1 WHERE b = 2;\n```\n";
        assert_eq!(
            underlined(text, "unknown-connection"),
            ["connection=orders"]
        );
        let front = "---\nbackout:\n  connections:\n    orders: {url: \"$ORDERS_URL\"}\n---\n";
        let known = format!("{front}{text}");
        assert_eq!(at(&known, "unknown-connection"), NONE);
        let other = known.replace("connection=orders", "connection=order");
        assert_eq!(
            underlined(&other, "unknown-connection"),
            ["connection=order"]
        );
    }
}
