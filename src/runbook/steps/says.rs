//! What words say about a step: that it is final, another way, what to expect.

use crate::domain::ids::{ActionId, ChoiceId};
use crate::domain::plan::{Action, ActionKind, Danger, Step};
use crate::runbook::blocks::Entry;
use crate::runbook::inline::plain;
use crate::runbook::marks::Mark;
use crate::runbook::reading::Reading;
use crate::runbook::settle;
use crate::runbook::words::{self, says_any, slug};
use crate::runbook::{actions, links, time, told};
use crate::script::shell;

/// `Step 2: Restart (3 minutes)` is the step `Restart`; number and time are kept apart from it.
pub fn step_title(title: &str) -> &str {
    let bare = words::bare(title);
    let bare = time::of_title(bare).map_or(bare, |(name, _)| name);
    let after = bare.split_once([':', '：']).map(|(_, t)| t).or_else(|| {
        [" - ", " – ", " — ", ". "]
            .iter()
            .find_map(|m| bare.split_once(m))
            .map(|(_, t)| t)
    });
    let name = after.unwrap_or(bare).trim();
    let name = match name.rfind(['(', '（', '[']) {
        Some(at) if time::in_brackets(name.get(at..).unwrap_or_default()).is_some() => {
            name.get(..at).unwrap_or(name).trim()
        }
        _ => name,
    };
    if name.is_empty() { title } else { name }
}

/// What one item asks for: its command, where it is nothing else, or a thing for a person.
pub fn entry_action(reading: &mut Reading<'_>, id: &str, entry: &Entry) -> Action {
    let text = entry.text.trim();
    let sole = text
        .strip_prefix('`')
        .and_then(|t| t.strip_suffix('`'))
        .filter(|t| !t.contains('`'));
    // `NAME=value` alone is a value to use somewhere, not a command.
    let is_value = |command: &str| {
        command
            .split_once('=')
            .is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
            && !command.contains(' ')
    };
    if let Some(command) = sole.and_then(shell::commented_out).filter(|c| !is_value(c)) {
        let mut action = actions::blank(ActionKind::Shell, "", &command, "", entry.span);
        action.id = ActionId::new(reading.id(&format!("{id}/{}", slug(&command))));
        return action;
    }
    actions::manual(
        reading,
        id,
        &links::keep_anchor(&entry.text.replace('\n', " ")),
        entry.span,
    )
}

/// What an expectation below a step's actions is about: its last command, else its last action.
pub fn last_command(step: &mut Step) -> Option<&mut Action> {
    let runs = |a: &Action| {
        matches!(
            a.kind,
            ActionKind::Shell | ActionKind::Sql | ActionKind::Http
        )
    };
    let at = step.actions.iter().rposition(runs);
    let at = at.or(step.actions.len().checked_sub(1))?;
    step.actions.get_mut(at)
}

pub fn add_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

pub fn title_of(action: &Action) -> String {
    if action.title.is_empty() && action.kind == ActionKind::Manual {
        return action.code.lines().next().unwrap_or_default().to_owned();
    }
    action.title.trim_end_matches([':', '：']).to_owned()
}

/// A whole block in place of the block before it: `block` is where that one begins, `from` where
/// the new one does. What only looks before the first change of the old block is done either way.
pub fn choose_block(step: &mut Step, block: usize, from: usize, title: &str) {
    let changes = |a: &Action| a.danger != Danger::None && !a.code.trim_start().starts_with("cd ");
    let old = step.actions.get(block..from).unwrap_or_default();
    let known = old.iter().find_map(|a| a.choice.clone());
    let main = block + old.iter().position(changes).unwrap_or(0);
    let line = step.actions.get(main).map_or(0, |a| a.span.first);
    let choice = known
        .clone()
        .unwrap_or_else(|| ChoiceId::new(format!("{}/choice-{line}", step.id)));
    if known.is_none() {
        join_branch(
            step.actions.get_mut(main..from).unwrap_or_default(),
            &choice,
        );
    }
    let new = step.actions.get_mut(from..).unwrap_or_default();
    join_branch(new, &choice);
    for action in new {
        if action.title.is_empty() {
            title.clone_into(&mut action.title);
        }
    }
}

/// What a comment says of a step.
pub fn as_told(step: &mut Step, mark: &Mark, procedure: &str) {
    if let Mark::Step {
        estimate,
        last,
        choice,
    } = mark
    {
        step.estimate = estimate.or(step.estimate);
        step.point_of_no_return |= last;
        if let Some(name) = choice {
            step.choice = Some(settle::choice_id(procedure, name));
            step.branch = None;
        }
    }
}

/// Makes these actions one option of a choice.
pub fn join_branch(actions: &mut [Action], choice: &ChoiceId) {
    let Some(head) = actions.first().map(|a| a.id.clone()) else {
        return;
    };
    for action in actions {
        action.choice = Some(choice.clone());
        action.branch = (action.id != head).then(|| head.clone());
    }
}

/// Commands of a step that cannot be undone cannot be undone, those that only look apart.
pub fn no_return(step: &mut Step) {
    const LOOKS: &[&str] = &[
        "verify|check|list|navigate|show|confirm|note|wait|identify|announce",
        "download|stop|back up|take a backup|take backup|create a backup|create backup",
        "take a copy|save a copy|sichern|sauvegarder",
    ];
    for action in &mut step.actions {
        if action.danger == Danger::Changes
            && !says_any(&action.title, LOOKS)
            && !action.title.trim_end().ends_with(['?', '？'])
            && !action.code.starts_with("cd ")
        {
            action.danger = Danger::Irreversible;
            "the plan says that this step cannot be undone".clone_into(&mut action.danger_why);
        }
    }
}

/// The words say that there is no way back.
pub fn is_final(text: &str) -> bool {
    says_any(
        text,
        &[
            "irreversible|point of no return|cannot be undone|can not be undone",
            "can't be undone|no way back|unwiderruflich|irréversible|irreversível|不可逆",
            "必须确认|元に戻せ|되돌릴 수 없|необратим|nieodwracaln",
        ],
    )
}

/// The author or the title of an action says that there is no way back from it.
pub fn is_last(action: &Action) -> bool {
    is_final(&action.title)
        || action
            .attribute("point-of-no-return")
            .and_then(told::yes_no)
            == Some(true)
}

pub fn is_instead(title: &str) -> bool {
    let lower = title.to_lowercase();
    [
        "or ",
        "or:",
        "alternative",
        "alternatively",
        "otherwise",
        "oder ",
        "ou ",
        "o bien",
        "alternativa",
        "alternativ",
        "或者",
        "または",
        "또는",
        "или ",
    ]
    .iter()
    .any(|w| lower.starts_with(w))
        || lower == "or"
}

/// The words say that what follows, or stands in the item, are ways of which one is to be gone.
pub fn is_choice(text: &str) -> bool {
    const ONE_OF: &[&str] = &[
        "choose one|pick one|select one|one of the following|one of these|either of the following",
        "elija uno|elija una|una de las siguientes|uma das seguintes|eine der folgenden",
        "l'une des|один из следующих|选择其一|任选其一|以下任一|いずれか|다음 중 하나",
    ];
    const PER_CASE: &[&str] =
        &["depending on|for each|according to|je nach|según|selon|根据|に応じて"];
    let lower = text.to_lowercase();
    if says_any(&lower, ONE_OF) {
        return text.trim_end().ends_with([':', '：', ')', '）']);
    }
    // `For each migration, here is how to undo it:` heads one block for each case.
    let leads = text.trim_end().ends_with([':', '：']);
    let each = !lower.starts_with("for each") || says_any(&lower, &["here's|here is|here are"]);
    leads && each && words::each(PER_CASE).any(|w| lower.starts_with(w))
}

/// `Take it down, or`: the next item is another way.
pub fn ends_in_or(text: &str) -> bool {
    let lower = plain(text).to_lowercase();
    [
        ", or",
        " or",
        ", oder",
        " oder",
        ", o",
        ", ou",
        "或",
        "または",
    ]
    .iter()
    .any(|w| lower.trim_end_matches([':', ';']).ends_with(w))
}

/// Each of these actions is an option of one choice; `starts` says where each option begins.
pub fn each_an_option(step: &mut Step, starts: &[usize]) {
    let Some(&first) = starts.first().filter(|_| starts.len() > 1) else {
        return;
    };
    let line = step.actions.get(first).map_or(0, |a| a.span.first);
    let choice = ChoiceId::new(format!("{}/one-of-{line}", step.id));
    let ends = starts.iter().skip(1).copied().chain([step.actions.len()]);
    for (start, end) in starts.iter().copied().zip(ends) {
        join_branch(
            step.actions.get_mut(start..end).unwrap_or_default(),
            &choice,
        );
    }
}

pub fn is_steps_label(title: &str) -> bool {
    matches!(
        title.to_lowercase().as_str(),
        "steps"
            | "step-by-step"
            | "procedure"
            | "actions"
            | "commands"
            | "action"
            | "execution"
            | "execution process"
            | "execution steps"
            | "rollback steps"
            | "recovery steps"
            | "pasos"
            | "passos"
            | "schritte"
            | "étapes"
            | "步骤"
            | "手順"
            | "단계"
            | "шаги"
            | "kroki"
    )
}
