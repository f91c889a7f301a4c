//! What the practice world consists of: its releases, its tools, its data.
//!
//! Facts only; `world` puts them on the disk.

/// One tagged state of the practice repository.
pub(super) struct Release {
    /// The tag, `v2.5.0`.
    pub tag: &'static str,
    /// What `git tag -n` says about it.
    pub note: &'static str,
    /// How many days before the world was made it was released.
    pub age_days: u64,
    /// The schema of the order data that it reads.
    pub schema: u32,
    /// How long it takes to look up the tax of one order, in milliseconds.
    pub lookup_ms: u64,
}

impl Release {
    /// The version without the `v` of the tag.
    pub fn version(&self) -> &'static str {
        self.tag.trim_start_matches('v')
    }

    /// The file that the service reads when it starts.
    pub fn conf(&self) -> String {
        format!(
            "# What this release does. The service reads this once, when it starts.\n\
             version = {}\n\
             reads_schema = {}\n\
             tax_lookup_ms = {}\n",
            self.version(),
            self.schema,
            self.lookup_ms
        )
    }
}

/// All releases, oldest first; the last one is deployed, and is the bad one.
pub(super) const RELEASES: [Release; 4] = [
    Release {
        tag: "v2.3.0",
        note: "Prices in pence",
        age_days: 64,
        schema: 2,
        lookup_ms: 6,
    },
    Release {
        tag: "v2.4.1",
        note: "Faster tax lookup",
        age_days: 33,
        schema: 2,
        lookup_ms: 4,
    },
    Release {
        tag: "v2.4.2",
        note: "Last good release, three weeks in production",
        age_days: 21,
        schema: 2,
        lookup_ms: 4,
    },
    Release {
        tag: "v2.5.0",
        note: "Prices in pounds, new tax lookup (deployed today)",
        age_days: 0,
        schema: 3,
        lookup_ms: 420,
    },
];

/// The order data as it was before the bad release.
pub(super) const ORDERS: &str = include_str!("../../assets/practice/orders.csv");

/// The tools in `bin/`; `@PROGRAM@` stands for the shell-quoted path of this binary.
pub(super) const TOOLS: [(&str, &str); 3] = [
    ("service", include_str!("../../assets/practice/bin/service")),
    ("migrate", include_str!("../../assets/practice/bin/migrate")),
    ("backup", include_str!("../../assets/practice/bin/backup")),
];

/// What stands in for curl on a machine without it.
pub(super) const CURL: &str = include_str!("../../assets/practice/shims/curl");

/// What git leaves alone: everything that is not part of a release.
pub(super) const IGNORED: &str = "/ROLLBACK.md\n/backups/\n/bin/\n/data/\n/run/\n/shims/\n";

/// The name of the backup from before the bad release.
pub(super) const OLD_BACKUP: &str = "orders-before-v2.5.0.csv";
