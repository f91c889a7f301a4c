//! A command that a sentence orders to be run, as in “Run helm rollback shop 3.”
//!
//! The bar is high, for what is offered here can be run. The sentence has to begin with the order
//! and the command has to follow it at once; it names one thing in code and no condition, no
//! other place, no repetition and nothing that happened before. Everything else stays words.

use crate::runbook::flow;
use crate::runbook::inline::{lead, plain};
use crate::runbook::words::{each, says_any};
use crate::script::shell;

/// Orders before a command.
const ORDERS: &[&str] = &[
    "run|execute|issue|invoke|re-run|rerun|ejecutar|ejecute|ejecuta|executar|executa|rode",
    "exécuter|exécutez|lancer|lancez|ausführen|выполнить|выполните|uruchom|wykonaj|运行|执行|运行命令|执行命令",
];

/// What may stand between the order and its command.
const NAMES: &[&str] = &[
    "|the command|this command|the following command|the script|this script|command",
    "el comando|o comando|la commande|команду|polecenie",
];

/// Orders behind their command.
const BEHIND: &[&str] = &[
    "を実行|を実行する|を実行します|を実行してください|을 실행|를 실행|을 실행합니다|를 실행합니다",
];

/// What may follow a command without making it another one.
const AFTER: &[&str] =
    &["|to |and check|and verify|and confirm|and wait|and make sure|and ensure|para |pour "];

/// Words with which a sentence does not simply order: it denies, supposes, repeats, tells of what
/// was, or means another place.
const NOT: &[&str] = &[
    "never|not|don't|avoid|instead|example|e.g.|error|fails|failed|if|unless|only|until|when|once",
    "bad|wrong|mistake|ran|symptom|message|output",
    "should|would|could|may|might|was|were|has|had|already|previously|or|alternatively|optionally",
    "each|every|on all|for all|from the|from a|from within|inside|within|on the|on a|in the|in a|via ssh|as root",
    "host|hosts|server|servers|machine|node|nodes|pod|container|bastion|console|repeatedly|dry run",
    "si|sino|nunca|cada|nie|nicht|wenn|falls|jamais|chaque|если|не|каждый|jeśli|każd|如果|不要|禁止|每|勿|若|場合|しない|마다|금지",
];

/// What the sentence says, and its command.
pub fn ordered(text: &str) -> Option<(String, String)> {
    let text = flow::joined(text);
    let text = text.trim();
    if text.contains('\n') || text.matches('`').count() != 2 {
        return None;
    }
    let (before, rest) = text.split_once('`')?;
    let (command, after) = rest.split_once('`')?;
    let around = format!("{} {}", plain(before), plain(after));
    if says_any(&around, NOT) || !(orders(before) && goes_on(after) || behind(before, after)) {
        return None;
    }
    Some((plain(text), runnable(command)?))
}

/// The words before a command are an order and nothing else, a name of the step apart.
fn orders(before: &str) -> bool {
    let words = match lead(before) {
        Some(lead) if !lead.rest.is_empty() => lead.rest,
        _ => before.to_owned(),
    };
    let words = plain(&words).to_lowercase();
    let words = words.trim_matches([' ', ':', '：', '-', '–', '—', '*', '_']);
    let words = words.strip_prefix("then ").unwrap_or(words);
    let words = words.strip_prefix("please ").unwrap_or(words);
    each(ORDERS).any(|order| {
        let rest = words.strip_prefix(order);
        rest.is_some_and(|rest| {
            let name = rest.trim();
            let apart = rest.is_empty() || rest.starts_with(' ') || !order.is_ascii();
            apart && each(NAMES).any(|w| w == name)
        })
    })
}

fn goes_on(after: &str) -> bool {
    let after = after.trim_start_matches([' ', ',']).to_lowercase();
    let after = after.trim_end_matches(['.', '。', '!', ';', ' ', '*', '_']);
    each(AFTER).any(|w| {
        if w.is_empty() {
            after.is_empty()
        } else {
            after.starts_with(w)
        }
    })
}

fn behind(before: &str, after: &str) -> bool {
    let after = after.trim().trim_end_matches(['.', '。', '！']);
    before.trim().is_empty() && each(BEHIND).any(|w| after == w)
}

/// A command beyond doubt: a known program with arguments, a script by its path, or SQL.
fn runnable(command: &str) -> Option<String> {
    let command = command.trim();
    let several = command.split_whitespace().count() >= 2;
    let script = command.starts_with("./") || command.split_whitespace().next()?.contains('/');
    let begins = command.starts_with(char::is_uppercase);
    if several && begins && shell::looks_like_sql(command) {
        return Some(command.to_owned());
    }
    shell::commented_out(command).filter(|found| (several || script) && found == command)
}

#[cfg(test)]
mod tests {
    use super::ordered;

    #[test]
    fn an_order_to_run_a_command_is_one() {
        for (text, command) in [
            ("Run `helm rollback till 3`", "helm rollback till 3"),
            ("Run `./back.sh` to go back.", "./back.sh"),
            (
                "**Stop the till**: run `systemctl stop till`.",
                "systemctl stop till",
            ),
            (
                "Execute the following command: `git revert HEAD`",
                "git revert HEAD",
            ),
            (
                "Then run `docker compose up -d` and check the log.",
                "docker compose up -d",
            ),
            (
                "Execute `UPDATE flags SET up = false WHERE name = 'till'`",
                "UPDATE flags SET up = false WHERE name = 'till'",
            ),
            ("执行 `git checkout v1.2.0`", "git checkout v1.2.0"),
            ("`git checkout v1.2.0` を実行する。", "git checkout v1.2.0"),
        ] {
            assert_eq!(
                ordered(text).map(|o| o.1).as_deref(),
                Some(command),
                "{text}"
            );
        }
    }

    #[test]
    fn everything_else_is_words() {
        for text in [
            "Do not run `git push --force`",
            "Never execute `terraform destroy -auto-approve`.",
            "We ran `helm rollback till 3` last time",
            "The deployment runs `npm ci` by itself",
            "Run `systemctl stop till` on each server",
            "Run `systemctl stop till` on the database host.",
            "Run `git revert HEAD` if the check fails",
            "If it fails, run `git revert HEAD`",
            "Run `git revert HEAD` or `git reset --hard`",
            "Run `make back` instead of `make on`",
            "Run `workflow_dispatch` on `main`",
            "Run `rollback.yml`",
            "Run `config/till.yml`",
            "Runs `git revert HEAD`",
            "Look at what `git log -3` prints",
            "`git log -3` shows the last changes",
            "Output: ran `git log -3` fine",
            "Run the playbook in `ops/till`",
            "Run `only a sentence`",
            "Previously: run `git log -3`",
            "如果失败，执行 `git checkout v1`",
        ] {
            assert_eq!(ordered(text), None, "{text}");
        }
    }
}
