//! What is known of single programs: which calls only read, which cannot be undone.
//!
//! Each file knows one family. A rule answers only for what it knows; silence means that the call
//! changes things.

mod cloud;
mod containers;
mod databases;
mod files;
mod git;
mod migrations;
mod system;
mod web;

pub(super) use system::only_looks;
pub(super) use web::curl_option_names;

use super::calls::{Call, Word};
use crate::script::{Danger, Judged};

/// What is known of a call of this program.
pub(super) fn judge(call: &Call, program: &str) -> Option<Judged> {
    let families = [
        files::judge,
        system::judge,
        git::judge,
        web::judge,
        databases::judge,
        containers::judge,
        cloud::judge,
        migrations::judge,
    ];
    let judged = families.iter().find_map(|family| family(call, program))?;
    // What only reads as far as it is written may be given options that do more.
    let several = call.words.iter().skip(1).any(Word::is_several);
    if judged.danger == Danger::None && several && !always_reads(program) {
        let why = format!("what {program} is given is only known when it runs");
        return Some(Judged::changes(why));
    }
    Some(judged)
}

/// Whether a program only reads, whatever it is given.
pub(super) fn always_reads(program: &str) -> bool {
    files::always_reads(program) || system::always_reads(program)
}

/// Whether the shell itself has a command of this name, or a terminal's program that clears it.
pub(super) fn is_shell_word(name: &str) -> bool {
    system::is_shell_word(name) || listed("test [ true false echo printf type which", name)
}

/// Whether a list of words, parted by spaces, holds the word.
fn listed(list: &str, word: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_none_or(|b| *b == b' ');
    let list = list.as_bytes();
    memchr::memmem::find_iter(list, word).any(|at| {
        let before = at.checked_sub(1).and_then(|b| list.get(b));
        edge(before) && edge(list.get(at + word.len()))
    }) && !word.contains(' ')
}

/// Whether the call has the option, alone, with `=value`, or (for `-x`) among joined letters.
fn has(call: &Call, option: &str) -> bool {
    let letter = option.strip_prefix('-').filter(|o| o.len() == 1);
    call.args().take_while(|a| *a != "--").any(|arg| {
        let long = arg == option || arg.strip_prefix(option).is_some_and(|r| r.starts_with('='));
        let joined = letter
            .is_some_and(|l| arg.starts_with('-') && !arg.starts_with("--") && arg.contains(l));
        long || joined
    })
}

/// Whether the call has this option by itself or among joined letters that are all of `with`: for
/// options that make a call harmless, which must not be seen where they are not.
fn has_only(call: &Call, letter: char, with: &str) -> bool {
    call.args().any(|arg| {
        arg.strip_prefix('-').is_some_and(|letters| {
            letters.contains(letter) && letters.chars().all(|l| l == letter || with.contains(l))
        })
    })
}

/// Whether one of the arguments is this word.
fn says(call: &Call, word: &str) -> bool {
    call.args().any(|a| a == word)
}

/// The arguments that are no options.
fn operands(call: &Call) -> Vec<&str> {
    call.args().filter(|a| !a.starts_with('-')).collect()
}

/// The argument after an option, or what is joined to it by `=`.
fn value_of<'a>(call: &'a Call, options: &[&str]) -> Option<&'a str> {
    let args: Vec<&str> = call.args().collect();
    args.iter().enumerate().find_map(|(at, arg)| {
        if options.contains(arg) {
            return args.get(at + 1).copied();
        }
        let (name, value) = arg.split_once('=')?;
        options.contains(&name).then_some(value)
    })
}
