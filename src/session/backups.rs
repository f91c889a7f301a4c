//! A backup check means a backup: what an action has made or looked at is examined as a fact, and
//! what one is about to restore from is examined again before it may.
//!
//! Which files those are follows from the action's text; whether they are any good is found out by
//! reading them. What cannot be judged is said and is never a pass.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::Session;
use super::attempts::Hands;
use crate::domain::event::{Ending, Gate, Intent, ParameterValue};
use crate::domain::flight;
use crate::domain::incident::Incident;
use crate::domain::judge::{Judgement, Verdict};
use crate::domain::plan::{ActionKind, Danger};
use crate::domain::runbox::RunBox;
use crate::exec::{self, Examined, Surroundings, Wanted};
use crate::script::shell::{BackupFile, BackupUse, backups};

/// How long a look may hold up a box.
const GLANCE: Duration = Duration::from_secs(5);

/// What is said of a source that is good, as far as anybody knows.
const UNDATED: &str = "when the bad version was deployed is not stated, so what it did may be in \
    that file: esc, d, then v states it";

impl Session {
    /// Examines what a box would restore from; a bad one is a gate, which yields to a reason.
    pub(super) fn look_at_sources(&self, incident: &Incident, shown: &mut RunBox) {
        let reads_here = shown.kind == ActionKind::Shell && shown.there.is_none();
        if !reads_here || shown.danger == Danger::None {
            return;
        }
        let at = self.surroundings(incident, shown);
        let sources = backups(&shown.code).into_iter();
        for file in sources.filter(|f| f.how == BackupUse::Restored) {
            let mut wanted = Wanted {
                patience: GLANCE,
                not_after: Some(source_limit(incident)),
                database: aimed_database(incident),
                ..wanted(&file)
            };
            if file.copy {
                wanted.database = None;
            }
            let (name, seen) = match find(&file, &at, None) {
                Ok(found) => (
                    found.path.display().to_string(),
                    looked(&found, &wanted, shown),
                ),
                Err(why) => (file.path.clone(), Examined::Open(why)),
            };
            match seen {
                Examined::Good(evidence) => {
                    shown.notes.push(format!("{name}: {evidence}"));
                    if deployed_at(incident).is_none() && !file.copy {
                        shown.notes.push(UNDATED.to_owned());
                    }
                }
                Examined::Open(_) if file.copy => {}
                Examined::Open(why) => shown.notes.push(format!(
                    "whether {name} is a good backup cannot be judged: {why}"
                )),
                Examined::Bad(why) => {
                    let gate = Gate::Backup(format!("{name}: {why}"));
                    if !incident.is_waived(&gate) {
                        shown.gates.push(gate);
                    }
                }
            }
        }
    }
}

/// Examines a file, and keeps how it looks: it is looked at again when the command is sent.
fn looked(found: &Named, wanted: &Wanted, shown: &mut RunBox) -> Examined {
    let look = || exec::look(&found.path, found.pattern.as_deref());
    let before = look();
    let seen = exec::examine(&found.path, wanted);
    let after = look();
    let moved = before.difference(&after);
    shown.sources.push(after);
    match moved {
        Some(_) => {
            let why = "it changed while it was looked at; is it still being written?";
            Examined::Bad(why.to_owned())
        }
        None => seen,
    }
}

impl Hands {
    /// What an ended attempt made of backups, or looked at as a backup check: one judgement each.
    pub(super) fn judge_backups(
        &self,
        incident: &Incident,
        intent: &Intent,
        ending: &Ending,
    ) -> Vec<Judgement> {
        let found = flight::find_action(&incident.plan, &intent.action);
        let Some((_, action)) = found else {
            return Vec::new();
        };
        let reads_here = intent.kind == ActionKind::Shell && intent.there.is_none();
        if !reads_here || action.interpreter.is_some() || !ending.succeeded() || intent.monitor {
            return Vec::new();
        }
        let state = if ending.state_captured {
            Some(intent.attempt)
        } else {
            intent.state_from
        };
        let mut at = Surroundings {
            cwd: (&intent.cwd).into(),
            env: self.environment(incident, false),
            state_in: state.map(|id| self.shell_state(id)),
        };
        let since = ending.at.map(|end| {
            let took = i64::try_from(ending.duration_ms).unwrap_or(i64::MAX / 4);
            end - chrono::Duration::milliseconds(took.saturating_add(2_000))
        });
        let all = backups(&intent.code).into_iter();
        let concerns = all.filter(|f| match f.how {
            BackupUse::Made => true,
            BackupUse::Looked => action.backup_check,
            BackupUse::Restored => false,
        });
        let mut judgements = Vec::new();
        for file in concerns {
            let made = file.how == BackupUse::Made;
            let mut wanted = wanted(&file);
            if made && !file.copy {
                wanted.not_before = Some(beginning(incident));
            }
            let named = |at: &Surroundings| {
                let found = find(&file, at, since.filter(|_| made));
                found.map(|named| named.path)
            };
            let mut path = named(&at);
            if let (Ok(first), Some(after)) = (&path, &ending.cwd_after)
                && !first.exists()
            {
                // It may have changed its directory on the way.
                at.cwd = after.into();
                path = named(&at).or(path);
            }
            let (name, seen) = match path {
                Ok(path) => (path.display().to_string(), exec::examine(&path, &wanted)),
                Err(why) => (file.path.clone(), Examined::Open(why)),
            };
            let (verdict, because) = match seen {
                // What a copy is of, nobody has said.
                Examined::Good(_) | Examined::Open(_) if file.copy => continue,
                Examined::Good(evidence) => (Verdict::Met, evidence),
                Examined::Bad(why) => (Verdict::NotMet, why),
                Examined::Open(why) => (Verdict::Inconclusive, why),
            };
            judgements.push(Judgement {
                verdict,
                because: format!("backup {name}: {because}"),
            });
        }
        judgements
    }
}

fn wanted(file: &BackupFile) -> Wanted {
    Wanted {
        database: file.database.clone(),
        schema_only: file.schema_only,
        may_be_dir: file.may_be_dir,
        any: file.copy,
        ..Wanted::default()
    }
}

/// Since when what is made is a safety copy of this incident.
fn beginning(incident: &Incident) -> (DateTime<Utc>, String) {
    let at = incident.detected_at().min(incident.opened_at.wall);
    (at, "the incident began".to_owned())
}

/// Up to when a source may have been made: before the bad deployment, as far as that is known,
/// and certainly before it was seen to be bad.
fn source_limit(incident: &Incident) -> (DateTime<Utc>, String) {
    match deployed_at(incident) {
        Some(at) => (at, "the bad deployment".to_owned()),
        None => (beginning(incident).0, "the trouble was seen".to_owned()),
    }
}

/// When the bad version was deployed: as a person stated it, or as a blank of the plan was filled.
fn deployed_at(incident: &Incident) -> Option<DateTime<Utc>> {
    let given = incident.parameters.iter().find_map(|(name, value)| {
        let name = name.as_str().to_lowercase();
        let is_time = ["at", "time", "date"].iter().any(|w| name.ends_with(w));
        match value {
            ParameterValue::Text(text) if name.contains("deploy") && is_time => time(text),
            ParameterValue::Text(_) | ParameterValue::Secret => None,
        }
    });
    incident.deployed_at().or(given)
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    let formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let plain = text.trim_end_matches("UTC").trim_end();
    let read = |f: &&str| NaiveDateTime::parse_from_str(plain, f).ok();
    formats.iter().find_map(read).map(|at| at.and_utc())
}

/// The database that the plan says it is for, where it says it as one plain name.
fn aimed_database(incident: &Incident) -> Option<String> {
    let aim = incident.plan.aims.iter().find(|a| a.key == "database")?;
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    aim.value.chars().all(plain).then(|| aim.value.clone())
}

/// A file that a text means.
struct Named {
    path: PathBuf,
    /// What it is the newest file of, where it is found so.
    pattern: Option<PathBuf>,
}

/// The file that a text means, its expansions looked up or, where they are made anew each time,
/// the newest file that fits (and is younger than `since`).
fn find(
    file: &BackupFile,
    at: &Surroundings,
    since: Option<DateTime<Utc>>,
) -> Result<Named, String> {
    let plain = |path| Named {
        path,
        pattern: None,
    };
    let text = file.path.trim_matches('"');
    if !text.contains(['$', '`', '*', '?', '~', '[']) {
        return Ok(plain(at.cwd.join(text)));
    }
    if !text.contains(['`', '*', '?', '[']) && !text.contains("$(") && !text.contains('"') {
        let word = match text.strip_prefix("~/") {
            Some(rest) => format!("\"$HOME/{rest}\""),
            None => format!("\"{text}\""),
        };
        let named = exec::ask(&format!("printf '%s\\n' {word}"), at)?;
        return Ok(plain(at.cwd.join(named)));
    }
    let pattern = at.cwd.join(pattern(text));
    let path = exec::newest(&pattern, since).ok_or("no file fits its name")?;
    Ok(Named {
        path,
        pattern: Some(pattern),
    })
}

/// What is expanded anew each time as a star.
fn pattern(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '`']) {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        out.push('*');
        rest = if let Some(inner) = tail.strip_prefix("$(") {
            let mut depth = 1;
            let end = inner.find(|c| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            });
            end.and_then(|e| inner.get(e + 1..)).unwrap_or("")
        } else if let Some(inner) = tail.strip_prefix('`') {
            inner.split_once('`').map_or("", |(_, after)| after)
        } else {
            let name = tail.trim_start_matches(['$', '{']);
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
            let after = end.and_then(|e| name.get(e..)).unwrap_or("");
            after.strip_prefix('}').unwrap_or(after)
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamped_name_is_found_by_what_stays() {
        assert_eq!(pattern("b_$(date +%Y%m%d_$(hostname)).sql"), "b_*.sql");
        assert_eq!(pattern("${DIR}/b_`date`.gz"), "*/b_*.gz");
    }

    #[test]
    fn a_time_is_read_as_people_write_it() {
        let at = time("2031-03-01 10:00").expect("a time");
        for text in [
            "2031-03-01T10:00:00Z",
            "2031-03-01 10:00:00 UTC",
            "2031-03-01T10:00",
        ] {
            assert_eq!(time(text), Some(at), "{text}");
        }
        assert_eq!(time("yesterday"), None);
    }
}
