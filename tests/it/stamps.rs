//! A name with a time in it means one file, whenever a later command names it.

use crate::rounds::Flight;

#[test]
fn a_name_with_a_time_in_it_is_made_once_and_made_anew_when_its_command_runs_again() {
    let name = "dump_$(date +%Y%m%d_%H%M%S).sql";
    let flight = Flight::with(&[
        &format!("echo dumped > \"{name}\""),
        "sleep 1.1; echo \"at $(date +%s)\" > said",
        &format!("gzip -k {name}; echo \"at $(date +%s)\" >> said"),
        &format!("ls -1 {name} {name}.gz"),
    ]);
    let words = ["drill", "ROLLBACK.md", "--procedure", "Rollback"];
    let mut drill = flight.command(&words);
    let said = drill.output().expect("a drill");
    let told = String::from_utf8_lossy(&said.stdout);
    assert_eq!(said.status.code(), Some(0), "{told}");
    let files = || {
        let all = std::fs::read_dir(flight.scratch.path()).expect("a directory");
        let names = all
            .flatten()
            .map(|f| f.file_name().into_string().expect("a name"));
        let mut names: Vec<String> = names.filter(|n| n.starts_with("dump_")).collect();
        names.sort();
        names
    };
    let made = files();
    assert_eq!(made.len(), 2, "{made:?}");
    assert_eq!(format!("{}.gz", made[0]), made[1]);
    // A time that is only said is the time at which it is said, and the same when it is the same.
    assert_eq!(flight.lines("said"), 2);
    let journal = flight.journal();
    assert!(journal.matches(&made[0]).count() >= 3, "{journal}");
    // Another incident has another name.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    assert_eq!(
        flight.command(&words).status().expect("a drill").code(),
        Some(0)
    );
    assert_eq!(files().len(), 4);
}
