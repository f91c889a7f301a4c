//! The look before a run at what its command needs on this machine: its directory, its programs,
//! the paths that it reads, its variables. What is missing is said in the box, with the places
//! where it would be; nothing is chosen, changed or waited for.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use super::Session;
use crate::domain::incident::Incident;
use crate::domain::plan::{Action, ActionKind, Danger};
use crate::domain::runbox::RunBox;
use crate::exec::{self, Surroundings};
use crate::script::blanks::{self, Kind};
use crate::script::shell::{self, PathUse, Touch};

/// How far below a directory something is looked for.
const DEEPEST: usize = 4;
/// So many directory entries are looked at, at most.
const MOST_ENTRIES: usize = 20_000;
/// So long the search for all paths of a box may take.
const PATIENCE: Duration = Duration::from_millis(150);
/// So many places are named.
const MOST_PLACES: usize = 3;
/// So many paths are said to be missing.
const MOST_NOTES: usize = 6;
/// Directories that are full of what nobody means.
const CROWDED: [&str; 5] = ["node_modules", "target", "vendor", "venv", "__pycache__"];

impl Session {
    /// With what a command starts here.
    pub(super) fn surroundings(&self, incident: &Incident, shown: &RunBox) -> Surroundings {
        Surroundings {
            cwd: (&shown.cwd).into(),
            env: self.hands.environment(incident, false),
            state_in: shown.state_from.map(|id| self.hands.shell_state(id)),
        }
    }

    /// A variable that an earlier step has set is no open blank.
    pub(super) fn take_carried(&self, incident: &Incident, shown: &mut RunBox) {
        if shown.missing.is_empty() || shown.kind != ActionKind::Shell {
            return;
        }
        let carried = carried_by(&self.surroundings(incident, shown));
        let parameters = &incident.plan.parameters;
        let (set, missing) = std::mem::take(&mut shown.missing)
            .into_iter()
            .partition(|name| {
                let known = parameters.iter().find(|p| p.name == *name && p.environment);
                known.is_some_and(|p| carried.contains(&super::attempts::variable(p)))
            });
        shown.missing = missing;
        let set: Vec<_> = set;
        let said = set
            .into_iter()
            .map(|n| (n, "as an earlier step has set it".to_owned()));
        shown.parameters.extend(said);
    }

    /// Where bash could not read on, of a text with nothing left to fill: what stands above would
    /// have been done by then. What goes elsewhere is held to the same.
    pub(super) fn unreadable(&self, action: &Action, shown: &RunBox) -> Option<String> {
        let asked = shown.kind == ActionKind::Shell && action.interpreter.is_none();
        if !asked || !shown.missing.is_empty() {
            return None;
        }
        let far = shown.there.as_ref();
        let text = far.map_or(Some(shown.code.as_str()), |line| {
            shell::given(line, &shown.code)
        });
        let state = shown.state_from.map(|id| self.hands.shell_state(id));
        let found = exec::unreadable(text?, state.as_deref())?;
        Some(format!(
            "bash cannot read line {}: {}",
            found.line, found.why
        ))
    }

    /// What is worth knowing before something runs here.
    pub(super) fn preflight(&self, incident: &Incident, shown: &RunBox) -> Vec<String> {
        let mut notes = Vec::new();
        let start = Path::new(&shown.cwd);
        if !start.is_dir() {
            notes.push(format!("the directory {} does not exist", shown.cwd));
            return notes;
        }
        let interpreted = crate::domain::flight::find_action(&incident.plan, &shown.action)
            .is_some_and(|(_, action)| action.interpreter.is_some());
        if shown.kind != ActionKind::Shell || interpreted {
            return notes;
        }
        let at = self.surroundings(incident, shown);
        let state = at.state_in.as_deref();
        let functions = state.map(exec::carried_functions).unwrap_or_default();
        let is_carried = |program: &String| functions.iter().any(|(name, _)| name == program);
        for program in shell::needed_here(&shown.code) {
            if is_carried(&program) {
                continue;
            }
            // One that is named by its path is looked for with the other paths.
            if !program.contains('/') && !is_found(&program, &at) {
                notes.push(format!("{program} is not found on this machine"));
            }
        }
        let unset = nobody_sets(incident, &shown.code, &at);
        notes.extend(unset.into_iter().map(|name| {
            format!("${name} is not set: not by the command, an earlier step, a value or the environment")
        }));
        notes.extend(paths(&shown.code, &at, incident, shown.danger));
        notes
    }
}

/// The variables that a text uses and that nobody gives it. Those that the plan asks for are
/// its blanks.
fn nobody_sets(incident: &Incident, code: &str, at: &Surroundings) -> Vec<String> {
    let mut unset: Vec<String> = Vec::new();
    let mut carried = None;
    for blank in blanks::find(code, "bash") {
        let name = blank.name;
        let asked = || super::prepare::find_variable(&incident.plan, &name).is_some();
        let other = blank.kind != Kind::Environment || unset.contains(&name);
        if other || name.starts_with("BACKOUT_") || asked() {
            continue;
        }
        let given = at.env.iter().any(|(n, _)| *n == name);
        let names = carried.get_or_insert_with(|| carried_by(at));
        if !given && std::env::var_os(&name).is_none() && !names.contains(&name) {
            unset.push(name);
        }
    }
    if unset.is_empty() || brings_variables(code) {
        return Vec::new();
    }
    unset
}

/// The variables that an earlier step has left.
fn carried_by(at: &Surroundings) -> Vec<String> {
    let state = at.state_in.as_deref();
    state.map(exec::carried).unwrap_or_default()
}

/// Whether a text takes variables from somewhere else: `source .env`, `eval "$(…)"`.
fn brings_variables(code: &str) -> bool {
    let programs = shell::programs(code);
    let brings = |p: &String| matches!(p.as_str(), "." | "source" | "eval");
    programs.iter().any(brings)
}

/// Whether a program would be found.
fn is_found(program: &str, at: &Surroundings) -> bool {
    let own = at.env.iter().find(|(name, _)| name == "PATH");
    let path = own
        .map(|(_, value)| value.into())
        .or_else(|| std::env::var_os("PATH"));
    std::env::split_paths(&path.unwrap_or_default()).any(|dir| dir.join(program).is_file())
}

/// What is missing of the paths that a text needs, and what a text that cannot be undone removes.
fn paths(code: &str, at: &Surroundings, incident: &Incident, danger: Danger) -> Vec<String> {
    let set = blanks::assigned(code);
    let used = shell::paths(code, &mut |word| expand(word, at, &set));
    let mut search = Search::new(at, incident);
    let mut missing: Vec<PathBuf> = Vec::new();
    let mut notes = Vec::new();
    for item in &used {
        let dir = tidy(&at.cwd.join(&item.dir));
        let whole = tidy(&dir.join(&item.path));
        if item.touch == Touch::Removes {
            if danger == Danger::Irreversible {
                notes.push(removed(&item.written, &whole));
            }
            continue;
        }
        // Below what is missing everything is, and a program of a whole path says so by itself.
        let told = missing
            .iter()
            .any(|m| whole.starts_with(m) || dir.starts_with(m));
        if told || !is_missing(&whole) || missing.len() >= MOST_NOTES {
            continue;
        }
        notes.push(said(item, &dir, &search.places(item)));
        missing.push(whole);
    }
    notes
}

/// Whether it is certain that nothing is there.
fn is_missing(path: &Path) -> bool {
    std::fs::metadata(path).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound)
}

/// The words for a path that is missing.
fn said(item: &PathUse, dir: &Path, places: &[String]) -> String {
    let written = &item.written;
    if Path::new(&item.path).is_absolute() {
        return format!("{written} does not exist");
    }
    let missing = format!("{written} is not in {}", dir.display());
    match places {
        [] => missing,
        [one] => format!("{missing}; it is in {one}"),
        [all @ .., last] => format!("{missing}; it is in {} and {last}", all.join(", ")),
    }
}

/// What a command that cannot be undone would remove.
fn removed(written: &str, path: &Path) -> String {
    let there = match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => {
            let entries = std::fs::read_dir(path).map_or(0, Iterator::count);
            let end = if entries == 1 { "y" } else { "ies" };
            format!("a directory with {entries} entr{end}")
        }
        Ok(meta) => format!("a file of {} bytes", meta.len()),
        Err(_) => "nothing is there".to_owned(),
    };
    format!("{written} is {}: {there}", path.display())
}

/// The value of a word with variables or a `~`, as the shell of the command would have it. Nothing
/// that runs anything is expanded, and nothing that the text sets itself.
fn expand(word: &str, at: &Surroundings, set: &BTreeSet<String>) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || "_-./${}~+@:,=%".contains(c);
    let own = blanks::find(word, "bash")
        .iter()
        .any(|b| set.contains(&b.name));
    if own || !word.chars().all(plain) || set.iter().any(|name| mentions(word, name)) {
        return None;
    }
    let text = match word.strip_prefix('~') {
        Some("") => "$HOME".to_owned(),
        Some(rest) if rest.starts_with('/') => format!("$HOME{rest}"),
        Some(_) => return None,
        None => word.to_owned(),
    };
    // An unset variable is no path.
    let value = exec::ask(&format!("set -u; printf '%s\\n' \"{text}\""), at).ok()?;
    (!value.contains('\n')).then_some(value)
}

fn mentions(word: &str, name: &str) -> bool {
    word.contains(&format!("${name}")) || word.contains(&format!("${{{name}"))
}

/// Where something that is missing could be: below the directory that the command starts in, the
/// one that the incident started in, that of the plan, and the top of the git work tree.
struct Search {
    roots: Vec<PathBuf>,
    due: Instant,
    entries: usize,
}

impl Search {
    fn new(at: &Surroundings, incident: &Incident) -> Self {
        let start = PathBuf::from(&incident.start_dir);
        let plan = start.join(&incident.runbook);
        let mut roots: Vec<PathBuf> = Vec::new();
        let top = at.cwd.ancestors().find(|dir| dir.join(".git").exists());
        let all = [
            Some(at.cwd.as_path()),
            Some(start.as_path()),
            plan.parent(),
            top,
        ];
        for root in all.into_iter().flatten() {
            let root = tidy(root);
            // All of a machine is not looked through.
            let wide = root.components().count() < 3 || Some(root.as_os_str()) == home().as_deref();
            if !wide && !roots.contains(&root) {
                roots.push(root);
            }
        }
        Self {
            roots,
            due: Instant::now() + PATIENCE,
            entries: 0,
        }
    }

    /// The directories in which a relative path exists, the nearest first.
    fn places(&mut self, item: &PathUse) -> Vec<String> {
        let path = Path::new(&item.path);
        let plain = |c: Component| matches!(c, Component::Normal(_) | Component::CurDir);
        if !path.components().all(plain) || path.components().count() == 0 {
            return Vec::new();
        }
        let mut found: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut level = self.roots.clone();
        for _ in 0..=DEEPEST {
            let mut below = Vec::new();
            for dir in level {
                if !seen.insert(dir.clone()) {
                    continue;
                }
                let there = dir.join(path);
                let fits = match item.touch {
                    Touch::Enters => there.is_dir(),
                    Touch::Reads | Touch::Runs | Touch::Removes => there.exists(),
                };
                if fits && found.len() == MOST_PLACES {
                    found.push("others".to_owned());
                    return found;
                }
                if fits {
                    found.push(dir.display().to_string());
                }
                below.extend(self.below(&dir));
            }
            level = below;
        }
        found
    }

    /// The directories in a directory; a link is not followed.
    fn below(&mut self, dir: &Path) -> Vec<PathBuf> {
        let mut below = Vec::new();
        if self.is_over() {
            return below;
        }
        let Ok(entries) = std::fs::read_dir(dir) else {
            return below;
        };
        for entry in entries.flatten() {
            self.entries += 1;
            if self.is_over() {
                break;
            }
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let aside = name.starts_with('.') || CROWDED.contains(&name.as_ref());
            if !aside && entry.file_type().is_ok_and(|t| t.is_dir()) {
                below.push(entry.path());
            }
        }
        below.sort();
        below
    }

    fn is_over(&self) -> bool {
        self.entries >= MOST_ENTRIES || Instant::now() >= self.due
    }
}

fn home() -> Option<std::ffi::OsString> {
    std::env::var_os("HOME").map(|h| tidy(Path::new(&h)).into_os_string())
}

/// A path without the steps that lead nowhere.
fn tidy(path: &Path) -> PathBuf {
    let here = OsStr::new(".");
    path.components()
        .filter(|c| c.as_os_str() != here)
        .collect()
}

#[cfg(test)]
#[path = "preflight_tests.rs"]
mod tests;
