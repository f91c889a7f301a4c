//! Reading the fields of a stored record, with errors that name the field.

use super::words::Word;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

/// What is wrong with a stored record.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RecordError {
    /// A field is missing or of the wrong kind.
    #[error("field “{0}” is missing or of the wrong kind")]
    Field(String),
    /// The type of the event is not known to this version.
    #[error("event type “{0}” is not known to this version of backout")]
    Type(String),
    /// The record is of a later format.
    #[error("record format {0} is later than this version of backout reads")]
    Version(u64),
    /// The line is not a JSON object.
    #[error("not a JSON object")]
    Json,
}

/// The fields of a JSON object.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'v>(pub &'v Value);

type Result<T> = std::result::Result<T, RecordError>;

impl<'v> Fields<'v> {
    fn missing(name: &str) -> RecordError {
        RecordError::Field(name.to_owned())
    }

    pub(crate) fn value(self, name: &str) -> Result<&'v Value> {
        self.0.get(name).ok_or_else(|| Self::missing(name))
    }

    /// The field, or none where it is null or absent.
    pub(crate) fn value_opt(self, name: &str) -> Option<&'v Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn object(self, name: &str) -> Result<Fields<'v>> {
        let value = self.value(name)?;
        if value.is_object() {
            Ok(Fields(value))
        } else {
            Err(Self::missing(name))
        }
    }

    pub(crate) fn text(self, name: &str) -> Result<String> {
        self.value(name)?
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| Self::missing(name))
    }

    /// Text, or none where the field is null or absent.
    pub(crate) fn text_opt(self, name: &str) -> Result<Option<String>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Self::missing(name)),
        }
    }

    pub(crate) fn bool(self, name: &str) -> Result<bool> {
        self.value(name)?
            .as_bool()
            .ok_or_else(|| Self::missing(name))
    }

    /// A flag that records of an earlier version do not have.
    pub(crate) fn bool_or(self, name: &str, absent: bool) -> Result<bool> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(absent),
            Some(_) => self.bool(name),
        }
    }

    pub(crate) fn u64(self, name: &str) -> Result<u64> {
        self.value(name)?
            .as_u64()
            .ok_or_else(|| Self::missing(name))
    }

    pub(crate) fn i64(self, name: &str) -> Result<i64> {
        self.value(name)?
            .as_i64()
            .ok_or_else(|| Self::missing(name))
    }

    pub(crate) fn u32(self, name: &str) -> Result<u32> {
        u32::try_from(self.u64(name)?).map_err(|_| Self::missing(name))
    }

    pub(crate) fn u32_opt(self, name: &str) -> Result<Option<u32>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.u32(name).map(Some),
        }
    }

    pub(crate) fn i32_opt(self, name: &str) -> Result<Option<i32>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let number = value.as_i64().and_then(|n| i32::try_from(n).ok());
                number.map(Some).ok_or_else(|| Self::missing(name))
            }
        }
    }

    pub(crate) fn time(self, name: &str) -> Result<DateTime<Utc>> {
        self.time_opt(name)?.ok_or_else(|| Self::missing(name))
    }

    pub(crate) fn time_opt(self, name: &str) -> Result<Option<DateTime<Utc>>> {
        match self.text_opt(name)? {
            None => Ok(None),
            Some(text) => match DateTime::parse_from_rfc3339(&text) {
                Ok(time) => Ok(Some(time.with_timezone(&Utc))),
                Err(_) => Err(Self::missing(name)),
            },
        }
    }

    pub(crate) fn word<W: Word>(self, name: &str) -> Result<W> {
        W::from_word(&self.text(name)?).ok_or_else(|| Self::missing(name))
    }

    pub(crate) fn texts(self, name: &str) -> Result<Vec<String>> {
        self.list(name, |v| v.as_str().map(str::to_owned))
    }

    /// Texts that records of an earlier version do not have.
    pub(crate) fn texts_or_none(self, name: &str) -> Result<Vec<String>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(_) => self.texts(name),
        }
    }

    pub(crate) fn list<T>(
        self,
        name: &str,
        read: impl Fn(&'v Value) -> Option<T>,
    ) -> Result<Vec<T>> {
        let list = self
            .value(name)?
            .as_array()
            .ok_or_else(|| Self::missing(name))?;
        list.iter()
            .map(|v| read(v).ok_or_else(|| Self::missing(name)))
            .collect()
    }
}

/// A time as it is stored: RFC 3339, UTC, nanoseconds, so that it reads back the same.
pub(crate) fn stored_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Nanos, true)
}
