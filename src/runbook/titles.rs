//! What the words of a title say beside the role of its section.

use super::words::each;

/// `Service Recovery (RTO: 15 minutes)` is a recovery with an objective, and no list of objectives.
#[must_use]
pub fn without_objective(lower: &str) -> String {
    const WAYS: &[&str] = &["recover", "restor", "rollback", "roll back", "failover"];
    const ABOUT: &[&str] = &["objective", "target", "goal"];
    let Some((name, inside)) = lower.split_once(['(', '（']) else {
        return lower.to_owned();
    };
    let stated = ["rto", "rpo"].iter().any(|w| inside.starts_with(w));
    let way = WAYS.iter().any(|w| name.contains(w)) && !ABOUT.iter().any(|w| name.contains(w));
    let figure = inside.bytes().any(|b| b.is_ascii_digit());
    if stated && way && figure {
        name.trim_end().to_owned()
    } else {
        lower.to_owned()
    }
}

/// `Roll back at once if`: what stands below says when, not what.
#[must_use]
pub fn is_condition(title: &str) -> bool {
    const ENDS: &[&str] = &[" if| when| unless| wenn| falls| si| cuando| quando| se| если|时|場合"];
    let title = title.trim_end_matches([':', '：', ' ', '…', '.']);
    each(ENDS).any(|w| title.ends_with(w))
}

/// `Critical variables`, `Data impact`: what stands below is there to be known.
#[must_use]
pub fn is_inventory(title: &str) -> bool {
    const ENDS: &[&str] = &[
        " available| restored| affected| included| locations| features| capabilities",
        " variables| impact| impacts| effects| consequences| risks",
        "影响|对象|範囲|范围|影響|対象|风险",
    ];
    title.starts_with("automatic") || each(ENDS).any(|w| title.ends_with(w))
}

/// `What to do:` below a condition leads to no further condition.
#[must_use]
pub fn is_response(lead: &str) -> bool {
    const DO: &[&str] = &[
        "action|what to do|response|handling|then|acción|acciones|ação|ações|maßnahme|mesures",
        "处理|处置|措施|动作|対応|処置|조치|действия|działani",
    ];
    let lead = lead.to_lowercase();
    lead.ends_with([':', '：']) && each(DO).any(|w| lead.starts_with(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objective_in_brackets_is_no_subject() {
        for (title, want) in [
            ("2. mail recovery (rto: 20 minutes)", "2. mail recovery"),
            (
                "recovery objectives (rto/rpo)",
                "recovery objectives (rto/rpo)",
            ),
            ("restore (fast)", "restore (fast)"),
        ] {
            assert_eq!(without_objective(title), want);
        }
    }

    #[test]
    fn titles_of_conditions_and_inventories() {
        assert!(is_condition("go back at once if:") && is_condition("volver si"));
        assert!(!is_condition("decide"));
        assert!(is_inventory("secret variables") && is_inventory("automatic checks"));
        assert!(!is_inventory("impact the least") && !is_inventory("stop it"));
    }
}
