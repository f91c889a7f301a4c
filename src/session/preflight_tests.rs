//! What is missing is said, with where it would be.

use std::fs;

use super::*;
use crate::domain::fixture;

/// A directory with a tree of files in it.
fn world(files: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for file in files {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, "x").expect("written");
    }
    dir
}

fn said_of(code: &str, dir: &Path) -> Vec<String> {
    let at = Surroundings {
        cwd: dir.into(),
        env: vec![("PLACE".to_owned(), "apps".to_owned())],
        state_in: None,
    };
    let mut incident = fixture::Flight::ready(fixture::plan()).incident;
    incident.start_dir = dir.to_string_lossy().into_owned();
    let notes = paths(code, &at, &incident, Danger::Irreversible);
    let root = dir.to_string_lossy().into_owned();
    notes.into_iter().map(|n| n.replace(&root, "@")).collect()
}

#[test]
fn a_path_that_is_elsewhere_is_said_with_where_it_is() {
    let dir = world(&["apps/shop/undo.sh", "apps/old/undo.sh", "a.txt"]);
    for (code, want) in [
        ("cat a.txt", vec![]),
        (
            "./undo.sh v3",
            vec!["./undo.sh is not in @; it is in @/apps/old and @/apps/shop"],
        ),
        (
            "cd shop && ./undo.sh",
            vec!["shop is not in @; it is in @/apps"],
        ),
        ("cd $PLACE/shop && bash undo.sh", vec![]),
        (
            "cd $PLACE && bash undo.sh",
            vec!["undo.sh is not in @/apps; it is in @/apps/old and @/apps/shop"],
        ),
        ("cat nowhere.txt", vec!["nowhere.txt is not in @"]),
        ("cat $UNKNOWN_X/a", vec![]),
        ("cat /nowhere/a", vec!["/nowhere/a does not exist"]),
        (
            "cd apps && rm -rf shop",
            vec!["shop is @/apps/shop: a directory with 1 entry"],
        ),
    ] {
        assert_eq!(said_of(code, dir.path()), want, "{code}");
    }
}

#[test]
fn a_search_is_bounded_and_follows_no_link() {
    let outside = world(&["deep/undo.sh"]);
    let dir = world(&["a/b/c/d/e/f/undo.sh", "node_modules/x/undo.sh"]);
    std::os::unix::fs::symlink(outside.path(), dir.path().join("link")).expect("a link");
    assert_eq!(
        said_of("bash undo.sh", dir.path()),
        ["undo.sh is not in @"],
        "too deep, crowded, or behind a link"
    );
}
