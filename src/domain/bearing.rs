//! Whether a target is the one that the plan is for: what the plan says, what was measured, and
//! how the two compare.
//!
//! Pure: who measures, and how, is elsewhere. What could not be measured is never taken for the
//! right one.

/// One statement of the plan about its target, held against the world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bearing {
    /// `host`, `database`, `kube_context`…
    pub key: String,
    /// What the plan says.
    pub expected: String,
    /// What was found.
    pub found: Found,
}

/// What a measure came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// It is the one that the plan is for; what was measured.
    Same(String),
    /// It is another one; what was measured.
    Other(String),
    /// It could not be measured, and why.
    Unknown(String),
    /// It is measured where the action runs, over its own connection, before anything is sent.
    There,
}

impl Bearing {
    /// What a measure, or the lack of one, says about what the plan says.
    #[must_use]
    pub fn of(key: &str, expected: &str, measured: Result<String, String>) -> Self {
        let found = match measured {
            Ok(value) if is_same(key, expected, &value) => Found::Same(value.trim().to_owned()),
            Ok(value) => Found::Other(value.trim().to_owned()),
            Err(why) => Found::Unknown(why),
        };
        Self {
            key: key.to_owned(),
            expected: expected.to_owned(),
            found,
        }
    }

    /// What a measure printed, as far as there is any of it.
    pub fn measured(&mut self) -> Option<&mut String> {
        match &mut self.found {
            Found::Same(text) | Found::Other(text) | Found::Unknown(text) => Some(text),
            Found::There => None,
        }
    }

    /// Why it does not run like this, where the target is another one.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let Found::Other(found) = &self.found else {
            return None;
        };
        let (name, expected) = (name(&self.key), &self.expected);
        Some(format!(
            "the plan is for the {name} {expected}, and this is {found}: {}",
            remedy(&self.key)
        ))
    }

    /// What could not be measured, for people.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let Found::Unknown(why) = &self.found else {
            return None;
        };
        let (name, expected) = (name(&self.key), &self.expected);
        Some(format!(
            "whether the {name} is {expected} could not be measured: {why}"
        ))
    }
}

/// A key in words.
#[must_use]
pub fn name(key: &str) -> &str {
    match key {
        "machine" => "host",
        "role" => "database role",
        "server" => "database server",
        "cluster" => "cluster",
        "git_remote" => "git remote",
        "git_branch" => "git branch",
        "kube_context" => "kube context",
        "docker_context" => "docker context",
        "aws_profile" => "AWS profile",
        "gcp_project" => "GCP project",
        other => other,
    }
}

/// What an operator does about another target.
fn remedy(key: &str) -> &'static str {
    match key {
        "host" => "go to the right machine and take the incident up there, or change the command",
        "machine" => {
            "send it to the right machine (o, then w; one action: m, then o), or take the incident up there"
        }
        "user" => "become the right user, or change the command",
        "database" | "role" | "server" => {
            "set the connection (DATABASE_URL, PGHOST and the like) right, and look again"
        }
        "cluster" | "namespace" | "kube_context" => {
            "switch with kubectl config, or name it in the command, and look again"
        }
        "git_remote" | "git_branch" => "go to the right checkout, and look again",
        _ => "switch to the right one, and look again",
    }
}

/// Whether what was measured is what the plan says. The plan may name several, with commas.
#[must_use]
pub fn is_same(key: &str, expected: &str, found: &str) -> bool {
    let found: Vec<&str> = found.lines().map(str::trim).collect();
    let found = || found.iter().copied().filter(|f| !f.is_empty());
    let mut wanted = expected.split(',').map(str::trim).filter(|w| !w.is_empty());
    wanted.any(|wanted| {
        found().any(|found| match key {
            "host" | "machine" | "server" => is_same_host(wanted, found),
            "git_remote" => is_same_remote(wanted, found),
            _ => wanted == found,
        })
    })
}

/// A name with its domain and one without are the same; two domains are not.
fn is_same_host(wanted: &str, found: &str) -> bool {
    let (wanted, found) = (wanted.to_lowercase(), found.to_lowercase());
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let address = |name: &str| name.parse::<std::net::IpAddr>().is_ok();
    if wanted == found || address(&wanted) || address(&found) {
        return wanted == found;
    }
    (!wanted.contains('.') || !found.contains('.')) && short(&wanted) == short(&found)
}

/// An address of a repository in any of its spellings, or its last parts.
fn is_same_remote(wanted: &str, found: &str) -> bool {
    let (wanted, found) = (plain_remote(wanted), plain_remote(found));
    wanted == found || (!wanted.is_empty() && found.ends_with(&format!("/{wanted}")))
}

fn plain_remote(address: &str) -> String {
    let address = address.trim().trim_end_matches('/');
    let address = address.strip_suffix(".git").unwrap_or(address);
    let (scheme, rest) = match address.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, address),
    };
    let begins = rest.split('/').next().unwrap_or_default();
    let rest = match begins.rsplit_once('@') {
        Some((login, _)) => rest.get(login.len() + 1..).unwrap_or(rest),
        None => rest,
    };
    if scheme {
        rest.to_owned()
    } else {
        rest.replacen(':', "/", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_what_they_name() {
        for (key, wanted, found, same) in [
            ("host", "app-1", "app-1.example.com", true),
            ("host", "app-1.example.com", "APP-1", true),
            ("host", "app-1.example.com", "app-1.other.com", false),
            ("host", "app-1", "app-10", false),
            ("host", "app-1, app-2", "app-2", true),
            ("host", "10.0.0.1", "10.0.0.10", false),
            ("server", "db-1", "db-1.internal\n10.0.0.7", true),
            (
                "git_remote",
                "acme/shop",
                "git@github.com:acme/shop.git",
                true,
            ),
            (
                "git_remote",
                "acme/shop",
                "https://u:p@github.com/acme/shop",
                true,
            ),
            (
                "git_remote",
                "acme/shop",
                "git@github.com:acme/webshop.git",
                false,
            ),
            ("git_remote", "git@h:a/b.git", "ssh://git@h/a/b", true),
            (
                "git_remote",
                "acme/shop",
                "git@github.com:mallory/shop",
                false,
            ),
            ("database", "orders", "orders", true),
            ("database", "orders", "Orders", false),
            ("database", "orders", "orders_staging", false),
            ("kube_context", "prod", "", false),
        ] {
            assert_eq!(is_same(key, wanted, found), same, "{key} {wanted} {found}");
        }
    }

    #[test]
    fn what_was_not_measured_is_neither_right_nor_wrong() {
        let bearing = Bearing::of("kube_context", "prod", Err("no kubectl".to_owned()));
        assert_eq!(bearing.refusal(), None);
        assert!(bearing.doubt().is_some_and(|d| d.contains("no kubectl")));
        let bearing = Bearing::of("kube_context", "prod", Ok("staging\n".to_owned()));
        let why = bearing.refusal().expect("another one");
        assert!(
            why.contains("kube context prod, and this is staging"),
            "{why}"
        );
        assert_eq!(Bearing::of("host", "a", Ok("a".to_owned())).refusal(), None);
    }
}
