//! SQL in a session: on which terms a block runs, and what became of a transaction, by the ledger
//! that its program has left.
//!
//! A ledger without a writer in which COMMIT was not sent means that the server has rolled back:
//! that is known, whoever was killed. COMMIT sent and not answered is not known, and said so.

use std::path::Path;

use super::world::Found;
use crate::domain::event::Ending;
use crate::domain::plan::{Action, ActionKind, Danger, Plan};
use crate::domain::transaction::{Conduct, Fate, Tally, Terms};
use crate::exec::{self, Standing};
use crate::script::sql::{Manner, at_once, manner};

/// Seconds that a transaction waits for a decision, where the plan says nothing: its locks are held
/// for so long.
const PATIENCE_S: u64 = 300;

/// Seconds that a statement in a transaction that is held waits for a lock, where nobody says
/// otherwise: whoever comes after it waits behind it.
const LOCK_TIMEOUT_S: u64 = 30;

/// The terms on which a block of SQL runs.
pub(super) fn terms(plan: &Plan, action: &Action, text: &str, danger: Danger) -> Option<Terms> {
    if action.kind != ActionKind::Sql {
        return None;
    }
    let seconds = |key: &str| action.attribute(key).and_then(crate::runbook::seconds);
    let refused = action.attribute("transaction").is_some_and(|v| {
        matches!(
            v.to_ascii_lowercase().as_str(),
            "false" | "no" | "off" | "0"
        )
    });
    let conduct = if danger == Danger::None {
        Conduct::ReadOnly
    } else if refused {
        Conduct::AsWritten("the plan says so (transaction=false)".to_owned())
    } else {
        match manner(text) {
            Manner::Around => Conduct::Held,
            Manner::Own(line) => Conduct::HeldOwn(line),
            Manner::Bare(why) => Conduct::AsWritten(why),
        }
    };
    // What cannot stand in a transaction may wait for locks of others by its nature, and leaves a
    // broken index behind where it gives up.
    let held = matches!(conduct, Conduct::Held | Conduct::HeldOwn(_));
    Some(Terms {
        max_affected: action
            .attribute("max_affected")
            .and_then(|v| v.parse().ok()),
        statement_timeout_s: seconds("statement-timeout").or(action.timeout_s),
        lock_timeout_s: seconds("lock-timeout").or(held.then_some(LOCK_TIMEOUT_S)),
        patience_s: action
            .attribute("commit-within")
            .and_then(crate::runbook::commit_wait)
            .or(plan.commit_within_s)
            .unwrap_or(PATIENCE_S),
        at_once: held.then(|| at_once(text)).flatten(),
        conduct,
    })
}

/// What stands in the way of a block on its terms.
pub(super) fn problem(terms: &Terms) -> Option<String> {
    match (&terms.conduct, terms.max_affected) {
        (Conduct::AsWritten(why), Some(most)) => Some(format!(
            "the plan allows at most {most} rows (max_affected), which can only be kept inside a transaction: {why}"
        )),
        _ => None,
    }
}

/// What an attempt waits for a decision on, if it does.
pub(super) fn waits(dir: &Path) -> Option<Tally> {
    let transaction = exec::transaction(dir).ok()??;
    match transaction.standing {
        Standing::Asked(tally) if transaction.alive => Some(tally),
        _ => None,
    }
}

/// What was found of an attempt, held against its ledger.
pub(super) fn settled(dir: &Path, found: Found) -> Found {
    let transaction = match exec::transaction(dir) {
        Ok(Some(transaction)) => transaction,
        Ok(None) => return found,
        Err(error) => return Found::Lost(format!("its ledger cannot be read: {error}")),
    };
    let ended = match found {
        Found::Ended(ending) => Ok(ending),
        Found::Lost(why) => Err(why),
        found @ (Found::NotClaimed | Found::Running(_) | Found::Refused(_)) => return found,
    };
    match (transaction.standing, ended) {
        (_, Err(_)) if transaction.alive => Found::Running(chrono::Utc::now()),
        (Standing::Sent(xid), _) => Found::Lost(unsettled(xid.as_deref())),
        (Standing::Committed, Ok(ending)) => Found::Ended(Ending {
            // A stop that came after its end has stopped nothing.
            cancelled: ending.cancelled && ending.exit != Some(0),
            fate: Some(Fate::Committed),
            ..ending
        }),
        (Standing::Committed, Err(why)) => Found::Lost(format!(
            "it was committed, but how it ended is not known: {why}"
        )),
        (Standing::Unchanged, Ok(ending)) => Found::Ended(Ending {
            fate: Some(Fate::Unchanged),
            ..ending
        }),
        (Standing::Unchanged, Err(why)) => rolled_back(None, "it changed nothing", Some(why)),
        (Standing::RolledBack(why), ended) => {
            let (ending, lost) = (ended.as_ref().ok().cloned(), ended.err());
            rolled_back(ending, &why, lost)
        }
        (Standing::Begun | Standing::Asked(_), ended) => {
            let (ending, lost) = (ended.as_ref().ok().cloned(), ended.err());
            let why = "it ended before its COMMIT was sent";
            rolled_back(ending, why, lost)
        }
    }
}

fn rolled_back(ending: Option<Ending>, why: &str, lost: Option<String>) -> Found {
    let ending = ending.unwrap_or_else(|| Ending {
        error: lost,
        at: Some(chrono::Utc::now()),
        ..Ending::default()
    });
    Found::Ended(Ending {
        fate: Some(Fate::RolledBack(why.to_owned())),
        ..ending
    })
}

fn unsettled(xid: Option<&str>) -> String {
    let ask = xid.map_or_else(String::new, |xid| {
        format!("; ask the server: SELECT txid_status({xid});")
    });
    format!("COMMIT was sent, and no answer came{ask}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Attribute;

    #[test]
    fn a_block_says_how_long_it_waits_else_the_plan_else_five_minutes() {
        let mut plan = crate::domain::fixture::plan();
        let mut action = crate::domain::fixture::action("change", "DELETE FROM orders");
        action.kind = ActionKind::Sql;
        let waits = |plan: &Plan, action: &Action| {
            terms(plan, action, &action.code, Danger::Changes).map(|terms| terms.patience_s)
        };
        assert_eq!(waits(&plan, &action), Some(300));
        plan.commit_within_s = Some(600);
        assert_eq!(waits(&plan, &action), Some(600));
        action.attributes.push(Attribute {
            key: "commit-within".to_owned(),
            value: "90s".to_owned(),
        });
        assert_eq!(waits(&plan, &action), Some(90));
    }
}
