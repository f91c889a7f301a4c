//! Who decides, whose report it was, and which procedures are for different troubles.

use super::{plan, told};

#[test]
fn people_who_decide_approve_whatever_is_still_blank() {
    let text = "# P\n\n## Who can approve\n\n| Role | Name | Phone |\n|--|--|--|\n\
                | Duty lead | ____ | ____ |\n| Data lead | Ines | +00 12 |\n";
    let plan = plan(text);
    let got: Vec<(&str, &str)> = plan
        .approvals
        .iter()
        .map(|a| (a.when.as_str(), a.who.as_str()))
        .collect();
    assert_eq!(got, [("", "Duty lead"), ("", "Data lead · Ines · +00 12")]);
}

#[test]
fn a_report_of_an_incident_that_was_is_no_form() {
    let told = "# P\n\n## Incident log\n\n```markdown\n# Report [Name]\n**Begun:** 09:12\n- 09:12: alarm\n- 09:20: went back\n- 09:31: well again\n```\n";
    let open = "# P\n\n## Incident log\n\n```markdown\n# Report [Name]\n**Begun:** HH:MM\n- HH:MM: alarm\n- HH:MM: went back\n**Level:** [P0/P1]\n```\n";
    assert!(plan(told).templates.is_empty() && plan(told).unplaced.len() == 1);
    assert_eq!(plan(open).templates.len(), 1);
}

#[test]
fn procedures_that_begin_with_symptoms_exclude_each_other() {
    let text = "# P\n\n## 1. Mail stands still\n\n### Symptoms\n- ❌ nothing leaves\n\n### Fix\n\n```bash\nsystemctl restart mail\n```\n\n\
                ## 2. Disk full\n\n### Symptoms\n- no space\n\n### Fix\n\n```bash\n./clean.sh\n```\n";
    let plan = plan(text);
    assert_eq!(plan.procedures[0].use_when, "nothing leaves");
    let lines = told(&plan);
    let heads: Vec<&String> = lines.iter().filter(|l| l.starts_with("P ")).collect();
    assert_eq!(
        heads,
        [
            "P 1. Mail stands still (one of)",
            "P Fix",
            "P 2. Disk full (one of)",
            "P Fix"
        ]
    );
}

#[test]
fn the_same_by_another_means_is_an_option() {
    let text = "# P\n\n## Rollback\n\n### Recovery\n\n#### Option A: the old image\n\n```bash\n./old.sh\n```\n\n\
                #### Option B: repair\n\n```bash\n./repair.sh\n```\n\n#### Jenkins rollback\n\n```bash\n./jenkins back\n```\n";
    let lines = told(&plan(text));
    let heads = lines
        .iter()
        .filter(|l| l.starts_with("P ") && l.ends_with("(one of)"));
    assert_eq!(heads.count(), 3, "{lines:#?}");
}

#[test]
fn an_objective_below_a_heading_is_about_it() {
    let text = "# P\n\n## Traffic rollback\n\n**RTO:** < 2 minutes\n\n```bash\n./shift.sh\n```\n";
    assert_eq!(plan(text).objectives[0].component, "Traffic rollback");
}

#[test]
fn a_block_named_after_a_listed_option_is_that_option() {
    let text = "# P\n\n## Header rollback\n\n**Options:**\n1. Loosen the header\n2. Go back\n\n```bash\n# Option 1: Loosen it\necho a >> .env\n\n# Restart\nsystemctl restart web\n```\n";
    let lines = told(&plan(text));
    assert_eq!(
        lines
            .iter()
            .filter(|l| l.trim_start().starts_with("S "))
            .count(),
        2,
        "{lines:#?}"
    );
}

#[test]
fn commands_of_a_cheat_sheet_stand_for_themselves() {
    let text = "# P\n\n## Rollback\n\n```bash\n./back.sh\n```\n\n## Schema tool commands\n\n```bash\nschema up\nschema down 1\nschema status\n```\n";
    let plan = plan(text);
    let sheet = plan.procedures.iter().find(|p| p.off_path);
    let codes: Vec<&str> = sheet
        .iter()
        .flat_map(|p| &p.steps)
        .flat_map(|s| &s.actions)
        .map(|a| a.code.as_str())
        .collect();
    assert_eq!(codes, ["schema up", "schema down 1", "schema status"]);
    assert_eq!(plan.procedures.iter().filter(|p| !p.off_path).count(), 1);
}

#[test]
fn lists_of_one_title_are_called_by_what_stands_above() {
    let text =
        "# P\n\n## Web\n\n**Checklist:**\n- [ ] up\n\n## Mail\n\n**Checklist:**\n- [ ] sent\n";
    let plan = plan(text);
    let titles: Vec<&str> = plan.checklists.iter().map(|c| c.title.as_str()).collect();
    assert_eq!(titles, ["Web › Checklist", "Mail › Checklist"]);
}

#[test]
fn conditions_for_something_else_are_no_level() {
    let text = "# P\n\n## Decision\n\n### Roll back when\n\n- data is wrong\n\n### Fix forward when\n\n- it is a typo\n";
    let plan = plan(text);
    assert!(plan.severities.is_empty());
    assert_eq!(plan.triggers.len(), 1);
    assert_eq!(plan.unplaced.len(), 1);
}
