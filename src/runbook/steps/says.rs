//! What words say about a step: that it is final, another way, what to expect.

use crate::domain::ids::{ActionId, ChoiceId};
use crate::domain::plan::{Action, ActionKind, Danger, Step};
use crate::runbook::blocks::{Entry, List};
use crate::runbook::inline::{lead, plain};
use crate::runbook::marks::Mark;
use crate::runbook::reading::Reading;
use crate::runbook::settle;
use crate::runbook::words::{self, says_any, slug};
use crate::runbook::{actions, cases, flow, links, time, titles, told};
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
        Some(at) if time::is_bracket(name.get(at..).unwrap_or_default()) => {
            name.get(..at).unwrap_or(name).trim()
        }
        _ => name,
    };
    if name.is_empty() { title } else { name }
}

/// What one item asks for: its command, where it is nothing else, or a thing for a person.
pub fn entry_action(reading: &mut Reading<'_>, id: &str, entry: &Entry) -> Action {
    let text = flow::joined(&entry.text);
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
    if let Some((label, command)) = actions::inline_command(&text) {
        return actions::one_command(reading, id, &label, &command, entry.span);
    }
    let text = text.replace('\n', " ");
    actions::manual(reading, id, &links::keep_anchor(&text), entry.span)
}

/// What an item says in its first words, and what it says after them.
pub struct Said {
    /// The bold lead, or the first sentence.
    pub title: String,
    /// The rest.
    pub rest: String,
    /// The title is the beginning of what is said, not a name for it.
    pub flows: bool,
}

impl Said {
    /// Divides the text of an item.
    pub fn of(text: &str) -> Self {
        // `**Name** of the thing` goes on after its bold beginning; `**Name** (note)` does not.
        let named = lead(text).filter(|l| {
            l.colon || l.rest.is_empty() || l.rest.starts_with(['(', '-', '–', '—', '['])
        });
        let first = text.lines().next().unwrap_or_default();
        let alone = lead(first).filter(|l| l.rest.is_empty());
        if let Some(lead) = alone {
            let rest = text.lines().skip(1).collect::<Vec<_>>().join("\n");
            return Self::named(lead.label, &rest);
        }
        if let Some(lead) = named {
            return Self::named(lead.label, &lead.rest);
        }
        let text = flow::joined(text);
        // What ends in a colon is a name for what stands below it.
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        if first.ends_with([':', '：']) && plain(first).chars().count() <= 100 {
            let rest = lines.collect::<Vec<_>>().join("\n");
            return Self {
                title: plain(first).trim_end_matches([':', '：']).to_owned(),
                rest: plain(&rest),
                flows: true,
            };
        }
        let rest = lines.collect::<Vec<_>>().join("\n");
        let short = plain(first).chars().count() <= 100;
        let (title, rest) = if rest.is_empty() || !short {
            flow::title_of(&text)
        } else {
            (plain(first), plain(&rest))
        };
        Self {
            title,
            rest,
            flows: true,
        }
    }

    fn named(title: String, rest: &str) -> Self {
        Self {
            title,
            rest: plain(&flow::joined(rest))
                .trim_start_matches(['-', '–', '—', '→', ' '])
                .to_owned(),
            flows: false,
        }
    }
}

/// `Options:`, `Choose one of the following`: of what follows, one is to be done.
pub fn is_options_lead(title: &str) -> bool {
    let lower = title.to_lowercase();
    let lower = lower.trim_end_matches([':', '：', ' ']);
    // What is done depends on the cause that was found.
    cases::are_announced(lower)
        || matches!(
            lower,
            "options"
                | "either"
                | "alternatives"
                | "choices"
                | "optionen"
                | "opciones"
                | "opções"
                | "варианты"
                | "opcje"
                | "选项"
                | "可选方案"
                | "選択肢"
                | "옵션"
        )
        || says_any(
            lower,
            &[
                "choose one|pick one|one of the following|one of these|either of|choose from|select one",
                "eine der folgenden|una de las siguientes|uma das seguintes|l'une des|以下任一|次のいずれか|다음 중 하나|один из",
            ],
        )
}

/// `The script will:`, `This checks:`: what follows happens by itself or explains something.
pub fn acts_by_itself(title: &str) -> bool {
    const EXPLAINS: &[&str] = &[
        "example|interpretation|legend|meaning|explanation|what this does|what it does|how it works",
        "what this checks|bedeutung|erklärung|interpretación|interpretação|signification|说明|含义|意味|의미|значение",
    ];
    const ASKS: &[&str] = &[
        "you|must|should|need|needs|require|requires|required|please|by hand|manual",
        "perform|follow|following steps|make sure|ensure",
    ];
    const MACHINES: &[&str] = &[
        "script|command|pipeline|workflow|job|tool|process|instance|server|service|deployment",
        "application|app|system|database|cluster|pod|container|runner|action|query|function",
    ];
    let lower = title.to_lowercase();
    if words::each(EXPLAINS).any(|w| lower.starts_with(w)) {
        return true;
    }
    if titles::is_of_a_script(&lower) {
        return true;
    }
    if says_any(&lower, ASKS) {
        return false;
    }
    let machine = lower
        .strip_prefix("the ")
        .is_some_and(|rest| words::each(MACHINES).any(|w| rest.starts_with(w)));
    let acts = lower.contains(" will") || lower.split(' ').nth(2).is_some_and(|w| w.ends_with('s'));
    let own = [
        "脚本",
        "该脚本",
        "此脚本",
        "此命令",
        "该命令",
        "スクリプト",
        "このスクリプト",
        "스크립트",
    ]
    .iter()
    .any(|w| lower.starts_with(w));
    ["this ", "it ", "these "]
        .iter()
        .any(|w| lower.starts_with(w))
        || (machine && acts)
        || own
}

/// `Stops the service`, `Restores the files`: the items say what something does by itself.
pub fn describes(list: &List) -> bool {
    const DOES: &[&str] = &[
        "applies|cleans|clears|confirms|copies|creates|deletes|deploys|detects|disables|drains|enables|ensures",
        "executes|falls|forces|generates|identifies|keeps|locates|notifies|preserves|pulls|pushes|redirects",
        "removes|restarts|restores|retains|returns|rolls|routes|runs|saves|selects|sends|starts|stops|switches",
        "terminates|validates|verifies|waits|writes",
    ];
    let mut said: Vec<&Entry> = Vec::new();
    for entry in &list.items {
        let bullets = entry.bullets();
        if bullets.is_empty() {
            said.push(entry);
        } else {
            said.extend(bullets);
        }
    }
    let first = |e: &&Entry| {
        let text = plain(&e.text).to_lowercase();
        let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
        let end = text
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(text.len());
        text.get(..end).unwrap_or_default().to_owned()
    };
    let does = |e: &&Entry| {
        let word = first(e);
        words::each(DOES).any(|w| w == word)
    };
    let orders = said
        .iter()
        .any(|e| is_order(&plain(&e.text)) || e.task.is_some());
    let telling = said.iter().filter(|e| does(e)).count();
    telling > 0 && telling * 2 >= said.len() && !orders
}

/// `Full restore steps:` in the section `Full restore`: the whole of it once more, at a glance.
pub fn is_overview(lead: &str, title: &str, list: &List) -> bool {
    const GLANCE: &[&str] = &["steps|process|overview|sequence|flow|stages|phases|workflow"];
    let lead = lead.to_lowercase();
    let own = title.to_lowercase();
    let rest = lead
        .trim_end_matches([':', '：'])
        .strip_prefix(own.as_str());
    let named = rest.is_some_and(|rest| words::each(GLANCE).any(|w| w == rest.trim()));
    let orders = |e: &Entry| is_order(&plain(&e.text)) || e.task.is_some();
    !own.is_empty() && named && !list.items.iter().any(orders)
}

/// Whether a sentence tells somebody to do something, by its first word.
pub fn is_order(text: &str) -> bool {
    const VERBS: &[&str] = &[
        "add|announce|apply|assess|assign|back|block|build|call|change|check|clean|clear|close|collect",
        "communicate|compare|confirm|connect|contact|copy|create|cut|delete|deploy|determine|disable|discuss",
        "document|download|drain|drop|edit|enable|ensure|escalate|execute|export|fetch|file|find|fix",
        "flush|follow|freeze|gather|get|give|identify|import|increase|inform|initiate|inspect|install",
        "investigate|isolate|keep|kill|list|locate|log|login|look|make|mark|measure|migrate|monitor|mount|move",
        "navigate|notify|open|page|pause|perform|prepare|publish|pull|push|put|reboot|rebuild|record|redeploy",
        "reduce|reinstall|release|reload|remove|rename|repeat|replace|report|request|reset|resolve|restart",
        "restore|resume|retry|revert|review|revoke|roll|rollback|rotate|run|save|scale|schedule|select|send|set",
        "share|show|shut|shutdown|sign|start|stop|submit|switch|tag|take|tell|terminate|test|trigger|turn|undo",
        "uninstall|unmount|update|upgrade|upload|use|validate|verify|view|wait|watch|write",
    ];
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let first = text
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .next();
    let first = first.unwrap_or_default().to_lowercase();
    words::each(VERBS).any(|w| w == first)
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
            && !only_makes(&action.code)
        {
            action.danger = Danger::Irreversible;
            "the plan says that this step cannot be undone".clone_into(&mut action.danger_why);
        }
    }
}

/// Whether a text does no more than make what was not there, or start what stood still: an empty
/// database, a directory, a service. Nothing is lost by it whatever the step does otherwise.
fn only_makes(code: &str) -> bool {
    let mut lines = code
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#') && !l.starts_with("--"))
        .peekable();
    lines.peek().is_some() && lines.all(makes)
}

/// One line of such a text.
fn makes(line: &str) -> bool {
    const MAKERS: &[&str] =
        &["createdb |createuser |mkdir |systemctl start |systemctl daemon-reload"];
    const CLIENTS: &[&str] = &["psql |mysql |mariadb "];
    let line = line.to_lowercase();
    let line = line.strip_prefix("sudo ").unwrap_or(&line);
    let line = match line.strip_prefix("-u ") {
        Some(rest) => rest.split_once(' ').map_or("", |(_, command)| command),
        None => line,
    };
    if words::each(CLIENTS).any(|w| line.starts_with(w)) {
        // `psql … -c "CREATE DATABASE shop;"`, and nothing behind it.
        let asked = line.split_once(['"', '\'']).and_then(|(head, rest)| {
            let quote = line.get(head.len()..)?.chars().next()?;
            let head = head.trim_end_matches([' ', '=']);
            let text = rest.trim_end().strip_suffix(quote)?;
            let flagged = ["-c", "-e", "--command", "--execute"];
            (flagged.iter().any(|f| head.ends_with(f)) && !text.contains(quote)).then_some(text)
        });
        return asked.is_some_and(creates);
    }
    let plain = !line.contains([';', '|', '&', '<', '>', '$', '`']);
    creates(line) || plain && words::each(MAKERS).any(|w| line.starts_with(w))
}

/// One SQL statement that makes something new.
fn creates(statement: &str) -> bool {
    const NEW: &[&str] = &["database|schema|extension|role|user"];
    let text = statement.trim().trim_end_matches(';');
    text.strip_prefix("create ")
        .is_some_and(|what| !text.contains(';') && words::each(NEW).any(|w| what.starts_with(w)))
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
        "或",
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

#[cfg(test)]
mod tests {
    use super::only_makes;

    #[test]
    fn what_is_only_made_can_be_lost_by_nobody() {
        for code in [
            "CREATE DATABASE shop OWNER shop;",
            "# a new one\nsudo -u postgres createdb shop",
            "psql -h db -U root -c \"CREATE DATABASE shop;\"",
            "systemctl start postgresql",
        ] {
            assert!(only_makes(code), "{code}");
        }
        for code in [
            "",
            "CREATE DATABASE shop; DROP TABLE a;",
            "psql -c \"CREATE DATABASE shop\" -c \"DROP DATABASE old\"",
            "CREATE OR REPLACE FUNCTION f() AS 'x'",
            "createdb shop && psql shop < all.sql",
            "alembic downgrade -1",
        ] {
            assert!(!only_makes(code), "{code}");
        }
    }
}
