//! The hour of each part: `(T+5 min)` in a heading says when it begins, counted from the start.
//!
//! From one beginning to the next is the time that the plan gives a part.

use std::collections::HashMap;

use super::reading::Reading;
use super::time;
use crate::domain::ids::ProcedureId;
use crate::domain::plan::{Estimate, Procedure};

/// Fewer headings of that kind may be by chance.
const FEWEST: usize = 3;

/// Gives parts that say when they begin the time up to the next one.
pub fn estimate(reading: &mut Reading<'_>) {
    let mut beside: HashMap<Option<ProcedureId>, Vec<(usize, Option<u64>)>> = HashMap::new();
    for (at, procedure) in reading.plan.procedures.iter().enumerate() {
        let begins = begins(&procedure.title);
        if procedure.parent.is_some() || begins.is_some() {
            let beside = beside.entry(procedure.parent.clone()).or_default();
            beside.push((at, begins));
        }
    }
    for parts in beside.values().filter(|p| p.len() >= FEWEST) {
        for pair in parts.windows(2) {
            let [(at, Some(from)), (_, Some(to))] = *pair else {
                continue;
            };
            let own = reading.plan.procedures.get_mut(at);
            if let Some(own) = own.filter(|p| may_have(p) && to > from) {
                own.estimate = Some(Estimate {
                    low_s: to - from,
                    high_s: to - from,
                });
            }
        }
    }
}

fn may_have(procedure: &Procedure) -> bool {
    procedure.estimate.is_none() && procedure.choice.is_none()
}

/// The seconds from the start at which a part begins by its heading.
fn begins(title: &str) -> Option<u64> {
    let lower = title.to_lowercase();
    let at = lower.find("(t+").or_else(|| lower.find("(t +"))?;
    let said = lower.get(at..)?.split(')').next()?;
    let (_, said) = said.split_once('+')?;
    if said.trim() == "0" {
        return Some(0);
    }
    time::estimate(said).map(|e| e.high_s)
}

#[cfg(test)]
mod tests {
    use super::begins;
    use crate::runbook::read;

    #[test]
    fn a_part_has_the_time_up_to_the_next_one() {
        let part = |name: &str| format!("### Phase {name}\n\n```bash\n./go.sh '{name}'\n```\n\n");
        let parts = ["1: Stop (T+0)", "2: Back (T+4 min)", "3: Look (T+10 min)"].map(part);
        let plan = read(format!("# R\n\n## Rollback Procedure\n\n{}", parts.concat()).as_bytes());
        let times: Vec<_> = plan.procedures.iter().filter_map(|p| p.estimate).collect();
        let seconds: Vec<u64> = times.iter().map(|e| e.high_s).collect();
        assert_eq!(seconds, [240, 360]);
        assert_eq!(
            [begins("Go (T+1h)"), begins("Go (5 min)")],
            [Some(3600), None]
        );
    }
}
