//! What was verified: the items of the plan's own lists that speak of a thing, how each was
//! settled, and by whom. A person's word and a sensor's reading are told apart.

use chrono::{DateTime, Utc};

use super::flown;
use super::topic::Topic;
use crate::domain::event::ItemMark;
use crate::domain::ids::{ActionRef, AttemptId};
use crate::domain::incident::Incident;
use crate::domain::outline::Stage;
use crate::domain::plan::{Checklist, ChecklistRole, Item};
use crate::domain::status::{ActionStatus, ItemStatus};

/// How an item was settled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Settled {
    /// How it stands.
    pub status: ItemStatus,
    /// Who said so; empty for a sensor.
    pub by: String,
    /// Why, or empty.
    pub reason: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// The attempt that it was sensed by.
    pub evidence: Option<AttemptId>,
}

/// How an item stands, with when and by whom.
pub(crate) fn settled(incident: &Incident, item: &Item) -> Settled {
    let status = incident.item_status(item);
    let marked = incident.items.get(&item.id);
    match status {
        ItemStatus::Sensed | ItemStatus::Disagrees => {
            let evidence = item.actions.iter().rev().find_map(|action| {
                match incident.action_status(&ActionRef::new(action.id.as_str()), action) {
                    ActionStatus::Passed(id) | ActionStatus::Failed(id) => Some(id),
                    _ => None,
                }
            });
            let attempt = evidence.and_then(|id| incident.attempt(id));
            Settled {
                status,
                by: String::new(),
                reason: String::new(),
                at: attempt.and_then(|a| flown::ended_at(a).or(Some(flown::begun_at(a)))),
                evidence,
            }
        }
        ItemStatus::Said(_) | ItemStatus::Open => Settled {
            status,
            by: marked.map(|m| m.by.clone()).unwrap_or_default(),
            reason: marked.map(|m| m.reason.clone()).unwrap_or_default(),
            at: marked.map(|m| m.at),
            evidence: None,
        },
    }
}

/// What the lists say of one thing that is to be verified.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Verified {
    /// Items that speak of it.
    pub items: usize,
    /// Of them, confirmed by a person.
    pub said: usize,
    /// Of them, sensed.
    pub sensed: usize,
    /// Of them, passed over: overridden, deferred, not applicable.
    pub passed_over: usize,
    /// Of them, those of which a sensor says that they do not hold.
    pub disagree: usize,
    /// Who confirmed.
    pub by: Vec<String>,
    /// The attempts that sensed.
    pub evidence: Vec<AttemptId>,
    /// When the last was settled.
    pub last: Option<DateTime<Utc>>,
}

impl Verified {
    /// Whether everything that speaks of it was confirmed or sensed.
    pub(crate) fn holds(&self) -> bool {
        self.items > 0 && self.said + self.sensed == self.items
    }

    /// In words: `2 of 2 confirmed by ana, 1 sensed (evidence 0012)`.
    pub(crate) fn words(&self) -> String {
        let done = self.said + self.sensed;
        let mut parts = vec![format!("{done} of {} items confirmed", self.items)];
        if self.said > 0 {
            parts.push(format!("{} said by {}", self.said, self.by.join(", ")));
        }
        if self.sensed > 0 {
            let ids: Vec<String> = self.evidence.iter().map(ToString::to_string).collect();
            parts.push(format!(
                "{} sensed (evidence {})",
                self.sensed,
                ids.join(", ")
            ));
        }
        if self.passed_over > 0 {
            parts.push(format!("{} passed over", self.passed_over));
        }
        if self.disagree > 0 {
            parts.push(format!("{} found not to hold", self.disagree));
        }
        parts.join("; ")
    }

    fn add(&mut self, settled: Settled) {
        self.items += 1;
        match settled.status {
            ItemStatus::Open => return,
            ItemStatus::Disagrees => self.disagree += 1,
            ItemStatus::Sensed => {
                self.sensed += 1;
                self.evidence.extend(settled.evidence);
            }
            ItemStatus::Said(ItemMark::Done) => {
                self.said += 1;
                if !self.by.contains(&settled.by) {
                    self.by.push(settled.by);
                }
            }
            ItemStatus::Said(_) => self.passed_over += 1,
        }
        self.last = self.last.max(settled.at);
    }
}

/// What the lists after the rollback say of a thing; none where no item speaks of it.
pub(crate) fn verified(incident: &Incident, topic: Topic) -> Option<Verified> {
    let lists = || {
        incident
            .plan
            .checklists
            .iter()
            .filter(|l| is_after(incident, l))
    };
    let words = words_of(topic);
    let mut found = Verified::default();
    for item in lists().flat_map(|l| &l.items) {
        let text = item.text.to_lowercase();
        if words.iter().any(|w| text.contains(w)) {
            found.add(settled(incident, item));
        }
    }
    if found.items == 0 && topic == Topic::Stability {
        // A system is stable when all that the plan asks of it afterwards holds.
        for item in lists().flat_map(|l| &l.items) {
            found.add(settled(incident, item));
        }
    }
    (found.items > 0).then_some(found)
}

fn is_after(incident: &Incident, list: &Checklist) -> bool {
    let stage = incident.stage_of(list);
    matches!(stage, Stage::Verify | Stage::Execute) && list.role != ChecklistRole::Other
}

fn words_of(topic: Topic) -> &'static [&'static str] {
    match topic {
        Topic::Stability => &[
            "stable",
            "stability",
            "estable",
            "stabil",
            "稳定",
            "安定",
            "health",
            "responding",
            "response time",
            "degradation",
        ],
        Topic::ImpactResolved => &[
            "user",
            "customer",
            "login",
            "usuario",
            "cliente",
            "benutzer",
            "kunde",
            "utilisateur",
            "用户",
            "ユーザ",
        ],
        Topic::Integrity => &[
            "integrity",
            "data loss",
            "no data",
            "row count",
            "record count",
            "orphan",
            "constraint",
            "schema",
            "integridad",
            "datenintegrität",
            "intégrité",
            "完整性",
            "整合性",
        ],
        Topic::NoErrors => &[
            "no error",
            "error rate",
            "errors in log",
            "error log",
            "no new error",
            "exception",
            "failure rate",
            "sin errores",
            "keine fehler",
            "sans erreur",
            "错误",
            "エラー",
        ],
        _ => &[],
    }
}
