//! How much harm PowerShell or batch text can do.
//!
//! A cmdlet is judged by its verb, a program of every system by the rules of the shell. What is
//! not known to only read changes things.

use super::Dialect;
use super::commands::{cmdlet, program};
use super::scan::{Segment, commands};
use crate::script::{Judged, shell, sql};

/// How much harm a text can do.
#[must_use]
pub fn danger(code: &str, dialect: Dialect) -> Judged {
    let judged = commands(code, dialect);
    judged
        .iter()
        .fold(Judged::reads(), |worst, found| worst.worse(judge(found)))
}

/// Words that stand before a command and are none.
const BEFORE: &str = "if else elseif foreach for while do until try catch finally return switch \
    begin process end throw call not exist defined @echo";

/// Words whose rest is no command.
const ALONE: &str = "function param class using filter break continue exit goto setlocal endlocal \
    echo rem set pause title cls timeout color chcp prompt";

fn judge(segment: &Segment) -> Judged {
    let mut words: Vec<&str> = segment.words.iter().map(String::as_str).collect();
    let written = written(&words);
    loop {
        let Some(first) = words.first().map(|w| w.trim_start_matches(['@', '.', '&'])) else {
            return written;
        };
        let lower = first.to_lowercase();
        if first.is_empty() || listed(BEFORE, &lower) {
            let head = condition(&lower, &words);
            words.drain(..head.min(words.len()));
        } else if first.starts_with('$') && words.get(1).is_some_and(|w| is_assignment(w)) {
            words.drain(..2);
        } else {
            break;
        }
    }
    let asked = words
        .iter()
        .map(|w| w.trim_matches(['"', '\'']))
        .filter(|w| shell::looks_like_sql(w))
        .fold(Judged::reads(), |worst, w| worst.worse(sql::danger(w)));
    called(&words, segment.end).worse(asked).worse(written)
}

/// How many words come before the command that `IF EXIST x`, `FOR … DO` or another word leads to.
fn condition(first: &str, words: &[&str]) -> usize {
    let is = |at: usize, list: &str| {
        words
            .get(at)
            .is_some_and(|w| listed(list, &w.to_lowercase()))
    };
    match first {
        "for" => words
            .iter()
            .position(|w| w.eq_ignore_ascii_case("do"))
            .map_or(1, |at| at + 1),
        "if" => {
            let flags = words.iter().skip(1).take_while(|w| w.starts_with('/'));
            let from = 1 + flags.count();
            let from = from + usize::from(is(from, "not"));
            from + if is(from, "exist defined errorlevel") {
                2
            } else {
                1
            }
        }
        _ => 1,
    }
}

fn called(words: &[&str], end: char) -> Judged {
    let Some((first, rest)) = words.split_first() else {
        return Judged::reads();
    };
    let lower = first.to_lowercase();
    if listed(ALONE, &lower) || lower.starts_with(':') {
        return Judged::reads();
    }
    if first.starts_with(['$', '"', '\'', '[', '-', '%', '=', '!', '<', '>', '+', '/'])
        || first.starts_with(|c: char| c.is_ascii_digit())
    {
        return expression(words, end);
    }
    if let Some(judged) = cmdlet(first, rest) {
        return judged;
    }
    program(first, rest)
}

/// `$service.Stop(`: a method is known by its name; a value does nothing.
fn expression(words: &[&str], end: char) -> Judged {
    const REMOVE: &str = "delete drop remove removeall removeat truncate clear purge";
    const READ: &str = "contains startswith endswith split trim replace tostring substring equals \
        indexof join format compareto isnullorempty parse now match";
    let method = words.last().filter(|_| end == '(').and_then(|w| {
        let (_, name) = w.rsplit_once(['.', ':'])?;
        Some(name.to_lowercase())
    });
    match method {
        None => Judged::reads(),
        Some(name) if listed(REMOVE, &name) => {
            Judged::irreversible(format!("{name} removes something for good"))
        }
        Some(name) if listed(READ, &name) || name.starts_with("get") || name.starts_with("add") => {
            Judged::reads()
        }
        Some(name) => Judged::changes(format!("what {name} does is not known")),
    }
}

/// A file that the output goes to.
fn written(words: &[&str]) -> Judged {
    let at = words.iter().position(|w| {
        let sign = w.trim_start_matches(|c: char| c.is_ascii_digit() || c == '*');
        sign.starts_with('>') && !sign.contains('&')
    });
    let Some(word) = at.and_then(|at| words.get(at)) else {
        return Judged::reads();
    };
    let joined = word
        .trim_start_matches(|c: char| c != '>')
        .trim_start_matches('>');
    let next = at.and_then(|at| words.get(at + 1)).copied();
    let file = Some(joined)
        .filter(|f| !f.is_empty())
        .or(next)
        .unwrap_or_default();
    match file.to_lowercase().as_str() {
        "" | "$null" | "nul" => Judged::reads(),
        _ => Judged::changes(format!("it writes the file {file}")),
    }
}

fn is_assignment(word: &str) -> bool {
    matches!(word, "=" | "+=" | "-=" | "??=" | "in")
}

/// Whether a word is one of a list's.
pub(super) fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|w| w == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Danger;

    fn of(code: &str) -> Danger {
        danger(code, Dialect::PowerShell).danger
    }

    #[test]
    fn cmdlets_are_judged_by_their_verbs() {
        for code in [
            "Get-Service shop | Where-Object { $_.Status -eq 'Running' }",
            "$v = Get-Content version.txt",
            "Test-Path C:\\shop\\old",
            "Write-Host \"Remove-Item would be bad\"",
            "Remove-Item C:\\shop -Recurse -WhatIf",
            "Invoke-RestMethod https://shop.example/health",
            "git log -3",
            "# Remove-Item C:\\shop",
            "<# Remove-Item C:\\shop #>",
        ] {
            assert_eq!(of(code), Danger::None, "{code}");
        }
        for code in [
            "Stop-Service shop",
            "Restart-WebAppPool -Name shop",
            "iisreset",
            ".\\scripts\\back.ps1 -Version 3",
            "Get-Process | Out-File p.txt",
            "Get-Date > now.txt",
            "Invoke-RestMethod https://shop.example/back -Method Post",
            "if (Test-Path x) { Copy-Item x y }",
            "$service.Stop()",
            "Frobnicate-Shop",
        ] {
            assert_eq!(of(code), Danger::Changes, "{code}");
        }
        for code in [
            "Remove-Item C:\\shop\\new -Recurse -Force",
            "Get-ChildItem *.bak | Remove-Item",
            "cd infra\nterraform destroy -auto-approve",
            "az group delete --name shop --yes",
            "Invoke-Sqlcmd -Query \"DROP TABLE orders;\"",
            "try { Remove-AzResourceGroup -Name shop } catch { throw }",
            "docker compose down --volumes",
            "$db.Drop()",
        ] {
            assert_eq!(of(code), Danger::Irreversible, "{code}");
        }
    }

    #[test]
    fn so_is_the_command_prompt() {
        let of = |code| danger(code, Dialect::Batch).danger;
        assert_eq!(of("REM del everything\r\ndir C:\\shop"), Danger::None);
        assert_eq!(of("sc query shop"), Danger::None);
        assert_eq!(of("net stop shop & copy old new"), Danger::Changes);
        assert_eq!(of("IF EXIST new rd /s /q new"), Danger::Irreversible);
        assert_eq!(of("reg delete HKLM\\Shop /f"), Danger::Irreversible);
    }
}
