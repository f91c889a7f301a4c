//! Secret values, in memory only and never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::ids::ParameterName;

/// The secrets of a session. Cloning shares them.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Mutex<BTreeMap<ParameterName, String>>>);

impl Secrets {
    /// Keeps a value.
    pub fn set(&self, name: ParameterName, value: String) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, value);
    }

    /// The value, if this session has it.
    #[must_use]
    pub fn get(&self, name: &ParameterName) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}
