//! Commands of the shell itself that change what holds for those after them: directories,
//! variables, files that are read in.

use super::Walk;
use super::ground::Touch;
use super::words::raw;
use crate::script::shell::calls::Call;
use crate::script::shell::values::variables;

impl Walk {
    /// Whether a call is one of them; what it changes is noted.
    pub(super) fn steers(&mut self, call: &Call, program: &str) -> bool {
        match program {
            "cd" | "pushd" => self.directory(call),
            "popd" => {
                self.ground.lost = Some("popd leads back to a directory not followed".to_owned());
                self.touched.push(Touch::Place);
            }
            "source" | "." => {
                let file = call.args().next().unwrap_or("a file");
                self.touch(Touch::All(format!(
                    "what {file} sets is not read beforehand"
                )));
            }
            "read" | "mapfile" | "readarray" | "getopts" => {
                for name in call.args().chain(["REPLY", "MAPFILE", "OPTARG"]) {
                    if is_name(name) {
                        self.open(name, format!("${name} is read when it runs"));
                    }
                }
            }
            "printf" => {
                let mut words = call.args().skip_while(|w| *w != "-v");
                if let Some(name) = words.nth(1) {
                    self.open(name, format!("${name} is only known when it runs"));
                }
            }
            "let" => {
                let texts: Vec<&str> = call.args().collect();
                self.counts(&texts.join(" "));
            }
            "unset" => self.unset(call),
            "set" => {
                let texts: Vec<&str> = call.args().collect();
                match texts.as_slice() {
                    ["-a"] | ["-o", "allexport"] => self.ground.does("set -a; ".to_owned()),
                    ["+a"] | ["+o", "allexport"] => self.ground.does("set +a; ".to_owned()),
                    words if exports(words) => {
                        let why = "set changes what is exported in a way that is not followed";
                        self.touch(Touch::All(why.to_owned()));
                    }
                    _ => {}
                }
            }
            "shopt"
                if call
                    .args()
                    .any(|w| matches!(w, "lastpipe" | "expand_aliases")) =>
            {
                let why = "shopt changes how the shell reads what follows";
                self.touch(Touch::All(why.to_owned()));
            }
            "shopt" => {}
            "alias" | "trap" => {
                let texts: Vec<&str> = call.args().collect();
                self.unread(&texts.join(" "));
            }
            _ => return false,
        }
        true
    }

    fn unset(&mut self, call: &Call) {
        for word in call
            .words
            .iter()
            .skip(1)
            .filter(|w| !w.text.starts_with('-'))
        {
            if word.fixed && is_name(&word.text) {
                let touch = self.ground.unset(&word.text);
                self.touched.push(touch);
            } else {
                let why = format!("what unset {} takes away is not known", word.text);
                self.touch(Touch::All(why));
            }
        }
    }

    fn directory(&mut self, call: &Call) {
        let mut words = call.words.iter().skip(1);
        let to = words.find(|w| !matches!(w.text.as_str(), "--" | "-P" | "-L"));
        let said = match to {
            None => Ok("cd >/dev/null && ".to_owned()),
            Some(word) if word.text.starts_with(['-', '+']) => {
                Err("the directory changes in a way that is not followed".to_owned())
            }
            Some(word) => raw(word).and_then(|dir| {
                let names = variables(&dir.text);
                let open = self.ground.doubt(&names, &["CDPATH", "OLDPWD"]);
                let open = open.filter(|_| !names.is_empty());
                open.map_or_else(|| Ok(format!("cd {} >/dev/null && ", dir.text)), Err)
            }),
        };
        match said {
            Ok(text) => {
                // An absolute path leads there from anywhere.
                if to.is_some_and(|w| w.text.starts_with('/')) {
                    self.ground.lost = None;
                }
                let touch = self.ground.goes(text);
                self.touched.push(touch);
            }
            Err(why) => {
                self.ground.lost = Some(why);
                self.touched.push(Touch::Place);
            }
        }
    }

    /// `${X:=y}` sets what it names.
    pub(super) fn defaults(&mut self, call: &Call) {
        for word in call.words.iter().filter(|w| !w.fixed) {
            for (at, _) in word.text.match_indices("${") {
                let rest = word.text.get(at + 2..).unwrap_or_default();
                let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = rest.find(|c| !letter(c)).unwrap_or(rest.len());
                let (name, rest) = rest.split_at(end);
                if rest.starts_with('=') || rest.starts_with(":=") {
                    self.default(call, name, &word.text);
                }
            }
        }
    }

    fn default(&mut self, call: &Call, name: &str, text: &str) {
        let names = variables(text);
        let known = !names.iter().any(|n| self.ground.is_open(n));
        let words: Result<Vec<String>, String> = call
            .words
            .iter()
            .skip(1)
            .map(|w| raw(w).map(|r| r.text))
            .collect();
        match words {
            Ok(words) if known && call.program() == Some(":") => {
                self.ground.does(format!(": {}; ", words.join(" ")));
                self.touched.push(Touch::Name(name.to_owned()));
            }
            _ => self.open(name, format!("${name} is set by default on the way")),
        }
    }
}

fn exports(words: &[&str]) -> bool {
    let mut words = words.iter().take_while(|w| **w != "--");
    words.any(|w| {
        *w == "allexport" || w.starts_with(['-', '+']) && !w.starts_with("--") && w.contains('a')
    })
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
