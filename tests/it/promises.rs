//! A few rounds of what must never happen; the full figures are `cargo test --test torture`.

use crate::rounds;

#[test]
fn a_step_outlives_the_death_of_any_one() {
    assert!(rounds::death::run(5));
}

#[test]
fn a_lost_outcome_is_unknown_and_holds_what_depends_on_it() {
    assert!(rounds::unknown::run(5));
}

#[test]
fn intent_and_result_are_on_disk_before_what_follows_from_them() {
    assert!(rounds::order::run(3));
}

#[test]
fn declared_secrets_reach_no_file_however_they_are_cut() {
    assert!(rounds::secrets::run(2_000));
}

#[test]
fn a_cancel_is_true() {
    assert!(rounds::cancel::run(16));
}

#[test]
fn what_runs_is_what_the_box_showed() {
    assert!(rounds::shown::run(40));
}

#[test]
fn a_confirmation_is_meant() {
    assert!(rounds::meant::run(7));
}
