//! Quotes, heredocs, comments and statements, told apart as bash tells them.

use super::*;

fn place_of(text: &str, needle: &str) -> Place {
    let at = text.find(needle).expect("needle");
    scan(text, &[]).at(at)
}

#[test]
fn quotes_nest_as_bash_nests_them() {
    let text = "echo a 'S' \"D $(echo B 'T' \"E\") F\" $'N\\'' `K` # C\n";
    for (needle, place) in [
        ("a ", Place::Bare),
        ("S", Place::Single),
        ("D", Place::Double),
        ("B", Place::Bare),
        ("T", Place::Single),
        ("E", Place::Double),
        ("F", Place::Double),
        ("N", Place::Ansi),
        ("K", Place::Backtick),
        ("C", Place::Comment),
    ] {
        assert_eq!(place_of(text, needle), place, "{needle}");
    }
    assert!(scan(text, &[]).closed());
}

#[test]
fn heredocs_are_bodies_until_their_delimiter() {
    let text = "cat <<EOF > x && echo T\nA $(B) # no\nEOF\ncat <<'END'\nC\nEND\necho D\n";
    assert_eq!(place_of(text, "A "), Place::Heredoc);
    assert_eq!(place_of(text, "B)"), Place::Backtick);
    assert_eq!(place_of(text, "C"), Place::HeredocRaw);
    assert_eq!(place_of(text, "D\n"), Place::Bare);
    assert_eq!(
        scan(text, &[]).line_closed,
        [false, false, true, false, false, true, true]
    );
}

#[test]
fn lines_inside_compounds_are_not_ends() {
    let text = "for x in a b; do\n  echo $x\ndone\nif true; then\necho y\nfi\nf() {\n:\n}\n";
    assert_eq!(
        scan(text, &[]).line_closed,
        [false, false, true, false, false, true, false, false, true]
    );
}

#[test]
fn case_patterns_do_not_close_anything() {
    let text = "x=$(case $1 in\na) echo 1 ;;\n*) echo 2 ;;\nesac)\necho ok\n";
    assert_eq!(
        scan(text, &[]).line_closed,
        [false, false, false, true, true]
    );
}

#[test]
fn continuations_pipes_and_open_quotes_join_lines() {
    let text = "a \\\n  b\nc |\nd\ne &&\nf\ng 'x\ny'\n";
    assert_eq!(
        scan(text, &[]).line_closed,
        [false, true, false, true, false, true, false, true]
    );
}

#[test]
fn a_hash_inside_a_word_is_no_comment() {
    assert!(
        scan("echo a#b $# ${#x} http://x/#y\n", &[])
            .comments
            .is_empty()
    );
}

#[test]
fn regions_know_their_command() {
    let text = "cd x && psql -c \"SELECT 1\"\n";
    let places = scan(text, &[]);
    let region = places
        .region(text.find("SELECT").expect("there"))
        .expect("region");
    assert_eq!(text.get(region.command..region.command + 4), Some("psql"));
}
