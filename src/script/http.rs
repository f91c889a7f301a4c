//! A request as it is written in a plan: whether it only reads.

use super::Judged;

/// How much harm a request can do, by its method; an address alone is asked for.
#[must_use]
pub fn danger(text: &str) -> Judged {
    let request = lines(text).next().unwrap_or_default();
    let method = request.split_whitespace().next().unwrap_or_default();
    if matches!(method, "GET" | "HEAD") || method.starts_with("http") {
        Judged::reads()
    } else {
        Judged::changes(format!("{method} asks the server to change something"))
    }
}

/// The lines of a request, from the one that says what is asked for: empty ones and remarks above
/// it are for people.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().skip_while(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line.starts_with("//")
    })
}

#[cfg(test)]
mod tests {
    use super::danger;
    use crate::script::Danger;

    #[test]
    fn what_asks_for_something_only_reads() {
        let remarked = "# is it up?\n// as they say\n\nGET http://h/x";
        for text in ["GET http://h/x", "HEAD http://h", "https://h/x", remarked] {
            assert_eq!(danger(text).danger, Danger::None, "{text}");
        }
        for text in [
            "POST http://h/x",
            "# GET\nDELETE http://h",
            "get http://h",
            "",
        ] {
            assert_eq!(danger(text).danger, Danger::Changes, "{text}");
        }
    }
}
