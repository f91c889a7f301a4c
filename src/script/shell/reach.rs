//! How a session elsewhere is reached from here: from the command that a plan opens it with to
//! the command line that does something in it and comes back.
//!
//! `ssh -t deploy@app-1` becomes `ssh deploy@app-1 bash -s`, which takes its text as its input.
//! What is not known to take a command that way is not reached at all: a person goes there.

use super::calls::{Call, calls};
use super::inside::leaves_shell;
use super::remote::last_opener;
use crate::script::{blanks, places};

/// The delimiter of a text that is given to a session elsewhere.
const DELIMITER: &str = "BACKOUT_THERE";

/// Which shell runs elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FarShell {
    /// bash
    Bash,
    /// sh
    Sh,
}

impl FarShell {
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Sh => "sh",
        }
    }
}

/// A session that a text leaves open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// The command, without a remark behind it.
    pub command: String,
    /// What the place is called: `deploy@app-1`, `container web`, `pod db-0`, `user postgres`.
    pub name: String,
    /// The tool by which one gets there, where its other commands say that they are for this side.
    pub tool: Option<&'static str>,
}

/// The session that a text leaves open at its end, if it does.
#[must_use]
pub fn leaves_open(code: &str) -> Option<Opened> {
    let line = last_opener(code)?;
    let session = Session::read(line)?;
    Some(Opened {
        command: session.words.join(" "),
        name: session.name(),
        tool: match session.way {
            Way::Ssh { .. } => Some("ssh"),
            Way::Container { .. } => Some("docker"),
            Way::Pod { .. } => Some("kubectl"),
            Way::Gcloud | Way::Su | Way::Sudo { .. } | Way::Other => None,
        },
    })
}

/// A way to a session, through others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reach {
    sessions: Vec<Session>,
}

impl Reach {
    /// The way that these commands take, outermost first; none where one of them is not known to
    /// take a command.
    #[must_use]
    pub fn new(openers: &[&str]) -> Option<Self> {
        let sessions: Vec<Session> = openers
            .iter()
            .map(|o| Session::read(o).filter(|s| s.way != Way::Other))
            .collect::<Option<_>>()?;
        (!sessions.is_empty()).then_some(Self { sessions })
    }

    /// The shell at the end of the way.
    #[must_use]
    pub fn shell(&self) -> FarShell {
        self.sessions.last().map_or(FarShell::Bash, Session::shell)
    }

    /// The command line whose input runs there.
    #[must_use]
    pub fn line(&self) -> String {
        self.around(&format!("{} -s", self.shell().name()), false)
    }

    /// The command line that runs a text there on a terminal.
    #[must_use]
    pub fn on_terminal(&self, code: &str) -> String {
        self.around(code.trim(), true)
    }

    fn around(&self, inner: &str, terminal: bool) -> String {
        let mut line = inner.to_owned();
        for session in self.sessions.iter().rev() {
            line = session.around(&line, terminal);
        }
        line
    }
}

/// A text as it is given to a command line: what is shown, and what runs.
#[must_use]
pub fn given_to(line: &str, code: &str) -> String {
    format!(
        "{line} <<'{DELIMITER}'\n{}\n{DELIMITER}\n",
        code.trim_end_matches('\n')
    )
}

/// The text that is given to a command line, where a script is exactly that.
#[must_use]
pub fn given<'s>(line: &str, script: &'s str) -> Option<&'s str> {
    let rest = script.strip_prefix(line)?;
    let rest = rest.strip_prefix(&format!(" <<'{DELIMITER}'\n"))?;
    let code = rest.strip_suffix(&format!("\n{DELIMITER}\n"))?;
    let ends_early = code.lines().any(|l| l == DELIMITER);
    (!ends_early).then_some(code)
}

/// How a text leaves a session: nothing but that, at its beginning, at its end, or on the way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Leaving {
    /// So many times, and nothing else.
    Only(usize),
    /// First of all, then it goes on outside.
    First,
    /// At its end.
    Last,
    /// It goes on outside.
    Within,
}

/// Whether and how a text leaves the session that it runs in.
#[must_use]
pub fn leaving(code: &str) -> Option<Leaving> {
    let lines: Vec<&str> = code
        .lines()
        .map(str::trim_end)
        .filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#'))
        .collect();
    let leaves: Vec<bool> = lines
        .iter()
        .map(|l| !l.starts_with([' ', '\t']) && leaves_shell(l))
        .collect();
    let count = leaves.iter().filter(|l| **l).count();
    match (leaves.first(), leaves.last()) {
        _ if count == 0 => None,
        _ if count == lines.len() => Some(Leaving::Only(count)),
        (Some(true), _) => Some(Leaving::First),
        (_, Some(true)) if count == 1 => Some(Leaving::Last),
        _ => Some(Leaving::Within),
    }
}

/// Whether a text can only be meant for this side of a session that a tool has opened: it copies
/// to or calls the same host, or asks for the tool, which is not to be had inside.
#[must_use]
pub fn is_for_this_side(code: &str, tool: &str, name: &str) -> bool {
    let Ok(found) = calls(code) else {
        return false;
    };
    found.all.iter().any(|call| {
        let program = call.program().unwrap_or_default();
        match tool {
            "ssh" => {
                let host = name.rsplit('@').next().unwrap_or(name);
                matches!(program, "ssh" | "scp" | "rsync" | "sftp")
                    && call.args().any(|a| names_host(a, host))
            }
            "docker" => matches!(program, "docker" | "podman" | "docker-compose"),
            _ => matches!(program, "kubectl" | "oc"),
        }
    })
}

/// `deploy@app-1`, `app-1`, `app-1:/srv/x`.
fn names_host(word: &str, host: &str) -> bool {
    let place = word.split(':').next().unwrap_or(word);
    !host.is_empty() && place.rsplit('@').next() == Some(host)
}

/// How a session is opened, with where the words stand that matter.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Way {
    /// `ssh … destination`
    Ssh { program: usize, to: usize },
    /// `docker exec -it NAME bash`, with compose or without
    Container {
        verb: usize,
        name: usize,
        compose: bool,
    },
    /// `kubectl exec -it NAME -- bash`
    Pod {
        verb: usize,
        name: usize,
        end: usize,
    },
    /// `gcloud compute ssh NAME`
    Gcloud,
    /// `su - app`
    Su,
    /// `sudo -i`, `sudo -u app bash`: the options end there.
    Sudo { end: usize },
    /// Something that is not known to take a command.
    Other,
}

/// A command that opens a session, as words.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Session {
    /// As written, quotes and blanks included.
    words: Vec<String>,
    way: Way,
}

impl Session {
    fn read(line: &str) -> Option<Self> {
        let words = words(line);
        let call = calls(line).ok()?.all.first()?.clone();
        let way = if call.words.len() == words.len() {
            way(&call).unwrap_or(Way::Other)
        } else {
            Way::Other
        };
        (!words.is_empty()).then_some(Self { words, way })
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    fn name(&self) -> String {
        match &self.way {
            Way::Ssh { program, to } => {
                let mut options = self.words.iter().take(*to).skip(*program);
                let user = options.find(|w| *w == "-l").and_then(|_| options.next());
                let to = self.word(*to);
                match user {
                    Some(user) if !to.contains('@') => format!("{user}@{to}"),
                    _ => to.to_owned(),
                }
            }
            Way::Container { name, .. } => format!("container {}", self.word(*name)),
            Way::Pod { name, .. } => format!("pod {}", self.word(*name)),
            Way::Gcloud => {
                let named = self.words.iter().skip(3).find(|w| !w.starts_with('-'));
                named.cloned().unwrap_or_else(|| self.words.join(" "))
            }
            Way::Su => {
                let mut after = self
                    .words
                    .iter()
                    .skip_while(|w| !matches!(w.as_str(), "su" | "runuser"))
                    .skip(1);
                let named = after.find(|w| !w.starts_with('-'));
                format!("user {}", named.map_or("root", String::as_str))
            }
            Way::Sudo { end } => {
                let options = self.words.iter().take(*end);
                let mut user = options.skip_while(|w| !(w.starts_with('-') && w.ends_with('u')));
                user.next();
                format!("user {}", user.next().map_or("root", String::as_str))
            }
            Way::Other => self.words.join(" "),
        }
    }

    fn shell(&self) -> FarShell {
        let from = match &self.way {
            Way::Container { name, .. } => name + 1,
            Way::Pod { end, .. } => *end,
            _ => return FarShell::Bash,
        };
        let named = self.words.iter().skip(from);
        let mut named = named.map(|w| w.rsplit('/').next().unwrap_or(w));
        match named.find(|w| *w != "--") {
            Some("sh" | "ash" | "dash") => FarShell::Sh,
            _ => FarShell::Bash,
        }
    }

    /// The command line that runs another in the session.
    fn around(&self, inner: &str, terminal: bool) -> String {
        let shell = self.shell().name();
        let bare = inner == "bash -s" || inner == "sh -s";
        let quoted = quote(inner);
        let as_words = if bare {
            inner.to_owned()
        } else {
            format!("{shell} -c {quoted}")
        };
        let head = |to: usize| self.words.get(..to).unwrap_or_default().to_vec();
        match &self.way {
            Way::Ssh { program, to } => {
                let mut line = head(*to + 1);
                line.retain(|w| !matches!(w.as_str(), "-t" | "-tt" | "-T"));
                if terminal {
                    line.insert(program + 1, "-t".to_owned());
                }
                line.push(if bare { inner.to_owned() } else { quoted });
                line.join(" ")
            }
            Way::Container {
                verb,
                name,
                compose,
            } => {
                let mut line = head(*verb + 1);
                line.push(match (compose, terminal) {
                    (true, false) => "-T".to_owned(),
                    (true, true) => String::new(),
                    (false, false) => "-i".to_owned(),
                    (false, true) => "-it".to_owned(),
                });
                let options = self.words.get(verb + 1..=*name).unwrap_or_default();
                line.extend(options.iter().filter(|w| !asks_terminal(w)).cloned());
                line.push(as_words);
                line.retain(|w| !w.is_empty());
                line.join(" ")
            }
            Way::Pod { verb, end, .. } => {
                let mut line = head(*verb + 1);
                line.push(if terminal { "-it" } else { "-i" }.to_owned());
                let options = self.words.get(verb + 1..*end).unwrap_or_default();
                let keep = |w: &&String| !asks_terminal(w) && *w != "--";
                line.extend(options.iter().filter(keep).cloned());
                line.extend(["--".to_owned(), as_words]);
                line.join(" ")
            }
            Way::Gcloud => {
                let mut line = self.words.join(" ");
                line.push_str(" --command=");
                line.push_str(&quoted);
                if terminal {
                    line.push_str(" -- -t");
                }
                line
            }
            Way::Su => format!("{} -c {quoted}", self.words.join(" ")),
            Way::Sudo { end } => format!("{} {as_words}", head(*end).join(" ")),
            // Never asked: `Reach::new` takes none.
            Way::Other => inner.to_owned(),
        }
    }
}

fn asks_terminal(word: &str) -> bool {
    matches!(
        word,
        "-it" | "-ti" | "-t" | "-i" | "-T" | "--tty" | "--interactive" | "--stdin"
    )
}

/// In single quotes, so that only the far shell reads it.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The words of a line as they are written, a remark behind it left out.
fn words(line: &str) -> Vec<String> {
    let line = line.trim();
    let masked = blanks::mask(line, "bash");
    let seen = places::scan(&masked, &[]);
    let end = seen.comments.first().map_or(line.len(), |c| c.start);
    let mut found = Vec::new();
    let mut from = None;
    for (at, byte) in masked.bytes().enumerate().take(end) {
        let gap = byte.is_ascii_whitespace() && seen.at(at) == places::Place::Bare;
        match (gap, from) {
            (false, None) => from = Some(at),
            (true, Some(start)) => {
                found.extend(line.get(start..at).map(str::to_owned));
                from = None;
            }
            _ => {}
        }
    }
    if let Some(start) = from {
        found.extend(line.get(start..end).map(|w| w.trim_end().to_owned()));
    }
    found
}

fn way(call: &Call) -> Option<Way> {
    let text = |at: usize| call.words.get(at).map_or("", |w| w.text.as_str());
    let name = |at: usize| text(at).rsplit('/').next().unwrap_or_default().to_owned();
    let mut program = 0;
    if matches!(name(0).as_str(), "sudo" | "doas") {
        let Some(inner) = super::wrappers::operand(call, "sudo", 1) else {
            return Some(Way::Sudo {
                end: call.words.len(),
            });
        };
        if matches!(name(inner).as_str(), "bash" | "sh" | "zsh") {
            return Some(Way::Sudo { end: inner });
        }
        program = inner;
    }
    let operand = |tool: &str, from: usize| super::wrappers::operand(call, tool, from);
    match name(program).as_str() {
        "ssh" => Some(Way::Ssh {
            program,
            to: operand("ssh", program + 1)?,
        }),
        "su" | "runuser" => Some(Way::Su),
        "gcloud" if text(program + 1) == "compute" && text(program + 2) == "ssh" => {
            let passes_on = call.args().any(|a| a == "--");
            (!passes_on).then_some(Way::Gcloud)
        }
        tool @ ("docker" | "podman" | "docker-compose") => {
            let mut verb = operand(tool, program + 1)?;
            let mut compose = tool == "docker-compose";
            if text(verb) == "compose" {
                compose = true;
                verb = operand("docker-compose", verb + 1)?;
            }
            // Another run of an image is another container.
            (text(verb) == "exec").then_some(())?;
            let name = operand(tool, verb + 1)?;
            is_shell(call, name + 1).then_some(Way::Container {
                verb,
                name,
                compose,
            })
        }
        tool @ ("kubectl" | "oc") => {
            let verb = operand(tool, program + 1).filter(|v| text(*v) == "exec")?;
            let name = operand(tool, verb + 1)?;
            let dashes = call.words.iter().position(|w| w.text == "--");
            let end = dashes.unwrap_or(name + 1);
            is_shell(call, dashes.map_or(end, |d| d + 1)).then_some(Way::Pod { verb, name, end })
        }
        _ => None,
    }
}

/// Whether nothing but a shell is asked for from there on.
fn is_shell(call: &Call, from: usize) -> bool {
    let mut rest = call.words.iter().skip(from).map(|w| w.text.as_str());
    let program = rest.next().map(|p| p.rsplit('/').next().unwrap_or(p));
    matches!(program, Some("bash" | "sh" | "ash" | "dash" | "zsh"))
        && rest.all(|option| matches!(option, "-l" | "--login" | "-i" | "-il" | "-li"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(openers: &[&str]) -> Option<String> {
        Reach::new(openers).map(|r| r.line())
    }

    #[test]
    fn an_opener_becomes_a_line_that_takes_its_input() {
        for (opener, name, want) in [
            (
                "ssh deploy@app-1",
                "deploy@app-1",
                "ssh deploy@app-1 bash -s",
            ),
            (
                "ssh -t -i ~/.ssh/key -p 2200 -l ops app-1  # the first",
                "ops@app-1",
                "ssh -i ~/.ssh/key -p 2200 -l ops app-1 bash -s",
            ),
            (
                "ssh deploy@<app host>",
                "deploy@<app host>",
                "ssh deploy@<app host> bash -s",
            ),
            (
                "docker exec -it web bash",
                "container web",
                "docker exec -i web bash -s",
            ),
            (
                "docker exec -it -u app web /bin/sh",
                "container web",
                "docker exec -i -u app web sh -s",
            ),
            (
                "docker compose exec web bash",
                "container web",
                "docker compose exec -T web bash -s",
            ),
            (
                "kubectl exec -it db-0 -n shop -c pg -- bash",
                "pod db-0",
                "kubectl exec -i db-0 -n shop -c pg -- bash -s",
            ),
            ("su - app", "user app", "su - app -c 'bash -s'"),
            ("sudo su -", "user root", "sudo su - -c 'bash -s'"),
            ("sudo -iu app", "user app", "sudo -iu app bash -s"),
            ("sudo -i", "user root", "sudo -i bash -s"),
            (
                "gcloud compute ssh app-1 --zone=z",
                "app-1",
                "gcloud compute ssh app-1 --zone=z --command='bash -s'",
            ),
        ] {
            let opened = leaves_open(opener).unwrap_or_else(|| panic!("{opener}"));
            assert_eq!(opened.name, name, "{opener}");
            assert_eq!(line(&[opener]).as_deref(), Some(want), "{opener}");
        }
    }

    #[test]
    fn sessions_in_sessions_and_terminals() {
        let both = ["ssh deploy@app-1", "docker exec -it web bash"];
        assert_eq!(
            line(&both).as_deref(),
            Some("ssh deploy@app-1 'docker exec -i web bash -s'")
        );
        let reach = Reach::new(&both[..1]).expect("known");
        assert_eq!(
            reach.on_terminal("vim 'a b'"),
            "ssh -t deploy@app-1 'vim '\\''a b'\\'''"
        );
    }

    #[test]
    fn what_is_not_known_is_not_reached() {
        for opener in [
            "aws ssm start-session --target i-1",
            "docker run -it x bash",
        ] {
            assert_eq!(line(&[opener]), None, "{opener}");
        }
    }

    #[test]
    fn what_is_given_is_taken_back_byte_for_byte() {
        let line = "ssh a@b bash -s";
        let script = given_to(line, "cd /srv\necho 'x'\n");
        assert_eq!(given(line, &script), Some("cd /srv\necho 'x'"));
        assert_eq!(given("ssh a@c bash -s", &script), None);
        let early = given_to(line, "echo 1\nBACKOUT_THERE\nrm x");
        assert_eq!(given(line, &early), None);
    }

    #[test]
    fn leaving_is_seen_where_it_stands() {
        for (code, want) in [
            ("ls", None),
            ("exit", Some(Leaving::Only(1))),
            ("# out\nexit\nlogout", Some(Leaving::Only(2))),
            ("exit\ncurl x", Some(Leaving::First)),
            ("ls\nexit", Some(Leaving::Last)),
            ("ls\nexit\ncurl x", Some(Leaving::Within)),
            ("if a; then\n  exit\nfi", None),
        ] {
            assert_eq!(leaving(code), want, "{code}");
        }
        assert!(is_for_this_side(
            "scp x deploy@app-1:/srv",
            "ssh",
            "deploy@app-1"
        ));
        assert!(!is_for_this_side(
            "scp x backup-2:/srv",
            "ssh",
            "deploy@app-1"
        ));
        assert!(is_for_this_side(
            "docker restart web",
            "docker",
            "container web"
        ));
    }
}
