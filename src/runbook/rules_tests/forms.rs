//! Forms to be filled: which texts are templates, and which stretches of them are fields.

use super::plan;
use crate::domain::plan::{Plan, TemplateKind};

type Filled<'a> = (TemplateKind, &'a str, Vec<(&'a str, &'a str, Vec<&'a str>)>);

/// Kind and title of each template, and of each field its label, its bytes and its choices.
fn forms(plan: &Plan) -> Vec<Filled<'_>> {
    plan.templates
        .iter()
        .map(|t| {
            let fields = t
                .fields
                .iter()
                .map(|f| {
                    let choices = f.choices.iter().map(|c| c.text.as_str()).collect();
                    (f.label.as_str(), &t.text[f.blank.0..f.blank.1], choices)
                })
                .collect();
            (t.kind, t.title.as_str(), fields)
        })
        .collect()
}

/// Rules, labels with nothing behind them, boxes, words to choose from, and rules that a formatter
/// mangled.
#[test]
fn a_form_in_a_fence_has_fields_of_many_kinds() {
    let plan = plan(
        "# Mine\n\n## Record of the rollback\n\n```\nBegun:\nEnded: ****\\_****\nLevel: [ ] HIGH [ ] LOW\nLead: ________\nData lost: [Yes/No]\n```\n",
    );
    assert_eq!(
        forms(&plan),
        [(
            TemplateKind::IncidentLog,
            "Record of the rollback",
            vec![
                ("Begun", "", vec![]),
                ("Ended", "****\\_****", vec![]),
                ("Level", "[ ] HIGH [ ] LOW", vec!["HIGH", "LOW"]),
                ("Lead", "________", vec![]),
                ("Data lost", "[Yes/No]", vec!["Yes", "No"]),
            ]
        )]
    );
}

/// Settings look like labels with nothing behind them, and are none.
#[test]
fn settings_are_no_form() {
    let plan = plan(
        "# Mine\n\n## Configuration\n\n```\nservices:\n  lift:\n    image: lift\nvolumes:\nnetworks:\n```\n",
    );
    assert_eq!(forms(&plan), []);
}

/// A list of blanks is one form over all of it.
#[test]
fn a_list_of_blanks_is_a_form() {
    let plan = plan(
        "# Mine\n\n## Post-mortem\n\n- Date: ____\n- Lead: ****\\_****\n- What broke:\n- Severity: [P0/P1/P2]\n- Length: `____` minutes\n",
    );
    assert_eq!(
        forms(&plan),
        [(
            TemplateKind::IncidentLog,
            "Post-mortem",
            vec![
                ("Date", "____", vec![]),
                ("Lead", "****\\_****", vec![]),
                ("What broke", "", vec![]),
                ("Severity", "[P0/P1/P2]", vec!["P0", "P1", "P2"]),
                ("Length", "____", vec![]),
            ]
        )]
    );
}

/// Empty cells beside what is asked are fields, in whatever language.
#[test]
fn a_table_with_an_empty_column_is_a_form() {
    let plan = plan(
        "# Mina\n\n## Datos generales\n\n| Campo | Información |\n|---|---|\n| Sistema |  |\n| Gravedad | [alta/baja] |\n| Fecha | ____ |\n| Responsable |  |\n\n## Seen\n\n| What | When | Who |\n|---|---|---|\n| Lift stopped | | |\n| Lift moved | | |\n",
    );
    assert_eq!(
        forms(&plan),
        [
            (
                TemplateKind::IncidentLog,
                "Datos generales",
                vec![
                    ("Sistema", "", vec![]),
                    ("Gravedad", "[alta/baja]", vec!["alta", "baja"]),
                    ("Fecha", "____", vec![]),
                    ("Responsable", "", vec![]),
                ]
            ),
            (
                TemplateKind::IncidentLog,
                "Seen",
                vec![
                    ("Lift stopped: When", "", vec![]),
                    ("Lift stopped: Who", "", vec![]),
                    ("Lift moved: When", "", vec![]),
                    ("Lift moved: Who", "", vec![]),
                ]
            )
        ]
    );
    let ids: std::collections::HashSet<&str> = plan
        .templates
        .iter()
        .flat_map(|t| &t.fields)
        .map(|f| f.id.as_str())
        .collect();
    assert_eq!(ids.len(), 8, "every field has an id of its own");
}

/// A table that is merely not full is no form, and neither is one of people.
#[test]
fn a_table_with_some_empty_cells_is_no_form() {
    let plan = plan(
        "# Mine\n\n## Lifts\n\n| Lift | Depth | Note |\n|---|---|---|\n| North | 200 m | |\n| South | 400 m | new |\n\n## Contacts\n\n| Role | Phone |\n|---|---|\n| Lead | |\n| Guard | |\n",
    );
    assert_eq!(forms(&plan), []);
    assert_eq!(plan.contacts.len(), 2);
}

/// Where the heads say that values are to be written, some may stand there already; boxes in a
/// cell are a choice, and words in brackets a blank.
#[test]
fn a_table_of_fields_may_be_filled_in_part() {
    let plan = plan(
        "# Mina\n\n## Angaben\n\n| Feld | Wert |\n|---|---|\n| Stollen | Nord |\n| Umgebung | [ ] Probe [ ] Betrieb |\n| Stand | `[BITTE EINTRAGEN]` |\n| Ticket | |\n",
    );
    assert_eq!(
        forms(&plan),
        [(
            TemplateKind::IncidentLog,
            "Angaben",
            vec![
                (
                    "Umgebung",
                    "[ ] Probe [ ] Betrieb",
                    vec!["Probe", "Betrieb"]
                ),
                ("Stand", "`[BITTE EINTRAGEN]`", vec![]),
                ("Ticket", "", vec![]),
            ]
        )]
    );
    let template = &plan.templates[0];
    let tick = template.fields[0].choices[1].tick_at.expect("a box");
    assert!(template.text[tick - 1..].starts_with("[ ] Betrieb"));
}

/// Whoever is not named yet is a contact that is still a blank.
#[test]
fn roles_without_names_are_blank_contacts() {
    let text = "# Mine\n\n## Equipo\n\n| Rol | Nombre |\n|---|---|\n| Jefe de turno | |\n| Electricista | Eva |\n";
    let plan = plan(text);
    assert_eq!(forms(&plan), []);
    let told: Vec<(&str, &str)> = plan
        .contacts
        .iter()
        .map(|c| (c.role.as_str(), c.contact.as_str()))
        .collect();
    assert_eq!(told, [("Jefe de turno", ""), ("Electricista", "Eva")]);
    let blank = super::findings(text);
    assert!(
        blank.contains(&(7, "blank-contact".to_owned())),
        "{blank:?}"
    );
}

/// A message knows its moment and its cadence; only its blanks are fields.
#[test]
fn messages_know_their_moment_and_their_cadence() {
    let plan = plan(
        "# Mine\n\n## Communication templates\n\n### Before\n```\nSubject: The lift goes back\n\nWe go from {new} to {old} at HH:MM because of [reason].\nNext update every 20 minutes.\n```\n\n### All clear\n```\nSubject: The lift is back\nDone at ____.\n```\n",
    );
    let told: Vec<_> = plan
        .templates
        .iter()
        .map(|t| (t.kind, t.moment.as_str(), t.every_s))
        .collect();
    assert_eq!(
        told,
        [
            (TemplateKind::Message, "before", Some(1200)),
            (TemplateKind::Message, "after", None)
        ]
    );
    let blanks: Vec<&str> = forms(&plan)
        .into_iter()
        .flat_map(|(_, _, fields)| fields)
        .map(|(_, blank, _)| blank)
        .collect();
    assert_eq!(blanks, ["{new}", "{old}", "HH:MM", "[reason]", "____"]);
}
