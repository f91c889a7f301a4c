//! From the stored form back to the plan.

use serde_json::Value;

use super::{FormError, VERSION};
use crate::domain::ids::{ChoiceId, ParameterName, ProcedureId, QuestionId};
use crate::domain::plan::{
    Action, Aim, ApprovalRule, Attribute, BlankPlace, Branch, Channel, Checklist, Connection,
    Contact, Diagnostic, Elsewhere, Estimate, ExpectRule, Expectation, Fact, Field, FieldChoice,
    Item, Objective, Parameter, ParameterKind, Plan, PlanFile, Probe, Procedure, Question,
    SecretSource, Severity, Span, Step, Table, Target, Template, Trigger, Unplaced,
};
use crate::journal::fields::{Fields, RecordError};

type Read<T> = Result<T, RecordError>;

/// The plan of a stored form.
///
/// # Errors
/// A [`FormError`] that names the list and the field that cannot be read.
pub fn from_json(value: &Value) -> Result<Plan, FormError> {
    let f = Fields(value);
    let top = |e: RecordError| FormError {
        path: "plan".to_owned(),
        message: e.to_string(),
    };
    let version = f.u64("version").map_err(top)?;
    if version != VERSION {
        return Err(top(RecordError::Version(version)));
    }
    Ok(Plan {
        title: f.text("title").map_err(top)?,
        sha256: f.text("sha256").map_err(top)?,
        environment: f.text_opt("environment").map_err(top)?,
        facts: list(f, "facts", |f| {
            Ok(Fact {
                key: f.text("key")?,
                value: f.text("value")?,
                span: span(f)?,
            })
        })?,
        service: f.text_opt("service").map_err(top)?,
        aims: added(f, "aims", aim).map_err(top)?,
        connections: added(f, "connections", connection).map_err(top)?,
        commit_within_s: u64_opt(f, "commit_within_s").map_err(top)?,
        probes: added(f, "probes", probe).map_err(top)?,
        channels: added(f, "channels", channel).map_err(top)?,
        severities: list(f, "severities", severity)?,
        triggers: list(f, "trigger_nodes", trigger)?,
        decision_matrix: match value.get("decision_matrix") {
            None | Some(Value::Null) => None,
            Some(matrix) => Some(table(Fields(matrix)).map_err(top)?),
        },
        questions: list(f, "questions", question)?,
        approvals: list(f, "approvals", |f| {
            Ok(ApprovalRule {
                when: f.text("when")?,
                who: f.text("who")?,
                notify: f.text("notify")?,
                respond_within_s: u64_opt(f, "respond_within_s")?,
                respond: f.text("respond")?,
                span: span(f)?,
            })
        })?,
        checklists: list(f, "checklists", checklist)?,
        procedures: list(f, "procedures", procedure)?,
        files: list(f, "files", |f| {
            Ok(PlanFile {
                path: f.text("path")?,
                lang: f.text("lang")?,
                code: f.text("code")?,
                span: span(f)?,
            })
        })?,
        templates: list(f, "templates", template)?,
        targets: list(f, "targets", |f| {
            Ok(Target {
                metric: f.text("metric")?,
                target: f.text("target")?,
                for_s: u64_opt(f, "for_s")?,
                how: f.text("how")?,
                span: span(f)?,
            })
        })?,
        contacts: list(f, "contacts", |f| {
            Ok(Contact {
                role: f.text("role")?,
                contact: f.text("contact")?,
                span: span(f)?,
            })
        })?,
        objectives: list(f, "objectives", |f| {
            Ok(Objective {
                kind: f.word("kind")?,
                component: f.text("component")?,
                within_s: f.u64("within_s")?,
                note: f.text_opt("note")?.unwrap_or_default(),
                span: span(f)?,
            })
        })?,
        parameters: list(f, "parameters", parameter)?,
        unplaced: list(f, "unplaced", |f| {
            Ok(Unplaced {
                kind: f.word("kind")?,
                heading: f.text("heading")?,
                text: f.text("text")?,
                span: span(f)?,
            })
        })?,
        diagnostics: list(f, "diagnostics", |f| {
            Ok(Diagnostic {
                line: f.u32("line")?,
                column: f.u32("column")?,
                // Plans that were stored before there was a width have none.
                width: f.u32_opt("width")?.unwrap_or_default(),
                level: f.word("severity")?,
                code: f.text("code")?,
                message: f.text("message")?,
                help: f.text("help")?,
            })
        })?,
    })
}

/// Reads a list and says at which place of it something is wrong.
fn list<T>(
    f: Fields<'_>,
    name: &str,
    read: impl Fn(Fields<'_>) -> Read<T>,
) -> Result<Vec<T>, FormError> {
    let wrong = |path: String, e: RecordError| FormError {
        path,
        message: e.to_string(),
    };
    let values = f
        .value(name)
        .and_then(|v| {
            v.as_array()
                .ok_or_else(|| RecordError::Field(name.to_owned()))
        })
        .map_err(|e| wrong(name.to_owned(), e))?;
    let numbered = values.iter().enumerate();
    numbered
        .map(|(i, v)| read(Fields(v)).map_err(|e| wrong(format!("{name}[{i}]"), e)))
        .collect()
}

/// Reads a list within a node, keeping the innermost error.
fn inner<T>(f: Fields<'_>, name: &str, read: impl Fn(Fields<'_>) -> Read<T>) -> Read<Vec<T>> {
    let values = f
        .value(name)?
        .as_array()
        .ok_or_else(|| RecordError::Field(name.to_owned()))?;
    values.iter().map(|v| read(Fields(v))).collect()
}

/// Reads a list that plans stored by an earlier version do not have.
fn added<T>(f: Fields<'_>, name: &str, read: impl Fn(Fields<'_>) -> Read<T>) -> Read<Vec<T>> {
    match f.0.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(_) => inner(f, name, read),
    }
}

fn pair(f: Fields<'_>, name: &str) -> Read<Option<(u64, u64)>> {
    match f.0.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(both)) => match both.as_slice() {
            [low, high] => match (low.as_u64(), high.as_u64()) {
                (Some(low), Some(high)) => Ok(Some((low, high))),
                _ => Err(RecordError::Field(name.to_owned())),
            },
            _ => Err(RecordError::Field(name.to_owned())),
        },
        Some(_) => Err(RecordError::Field(name.to_owned())),
    }
}

fn span(f: Fields<'_>) -> Read<Span> {
    let wrong = || RecordError::Field("span".to_owned());
    let (first, last) = pair(f, "span")?.ok_or_else(wrong)?;
    match (u32::try_from(first), u32::try_from(last)) {
        (Ok(first), Ok(last)) => Ok(Span { first, last }),
        _ => Err(wrong()),
    }
}

fn estimate(f: Fields<'_>) -> Read<Option<Estimate>> {
    Ok(pair(f, "estimate_s")?.map(|(low_s, high_s)| Estimate { low_s, high_s }))
}

fn u64_opt(f: Fields<'_>, name: &str) -> Read<Option<u64>> {
    match f.0.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => f.u64(name).map(Some),
    }
}

/// Plans of an earlier version know no place.
fn place(f: Fields<'_>) -> Read<Option<Elsewhere>> {
    if f.0.get("place").is_none_or(serde_json::Value::is_null) {
        return Ok(None);
    }
    let f = f.object("place")?;
    Ok(Some(Elsewhere {
        opener: f.text("opener")?,
        through: f.texts("through")?,
        name: f.text("name")?,
        line: f.u32("line")?,
        from: String::new(),
    }))
}

fn choice(f: Fields<'_>) -> Read<Option<ChoiceId>> {
    Ok(f.text_opt("choice")?.map(ChoiceId::new))
}

fn severity(f: Fields<'_>) -> Read<Severity> {
    Ok(Severity {
        id: f.text("id")?.as_str().into(),
        name: f.text("name")?,
        response: f.text("response")?,
        within_s: u64_opt(f, "within_s")?,
        triggers: inner(f, "trigger_nodes", trigger)?,
        span: span(f)?,
    })
}

fn trigger(f: Fields<'_>) -> Read<Trigger> {
    Ok(Trigger {
        id: f.text("id")?.as_str().into(),
        text: f.text("text")?,
        span: span(f)?,
    })
}

fn table(f: Fields<'_>) -> Read<Table> {
    let rows = f.list("rows", |row| {
        let cells = row.as_array()?.iter();
        cells
            .map(|c| c.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
    })?;
    Ok(Table {
        columns: f.texts("columns")?,
        rows,
        span: span(f)?,
    })
}

fn question(f: Fields<'_>) -> Read<Question> {
    let branch = |name: &str| -> Read<Branch> {
        let b = f.object(name)?;
        Ok(Branch {
            outcome: b.text_opt("outcome")?,
            next: b.text_opt("next")?.map(QuestionId::new),
        })
    };
    Ok(Question {
        id: f.text("id")?.as_str().into(),
        ask: f.text("ask")?,
        yes: branch("yes")?,
        no: branch("no")?,
        span: span(f)?,
    })
}

fn checklist(f: Fields<'_>) -> Read<Checklist> {
    let number = f.u32_opt("checkpoint")?.map(u8::try_from).transpose();
    Ok(Checklist {
        id: f.text("id")?.as_str().into(),
        title: f.text("title")?,
        role: f.word("role")?,
        checkpoint: number.map_err(|_| RecordError::Field("checkpoint".to_owned()))?,
        place: f.text_opt("place")?,
        due_after_s: u64_opt(f, "due_after_s")?,
        items: inner(f, "items", item)?,
        span: span(f)?,
    })
}

fn item(f: Fields<'_>) -> Read<Item> {
    Ok(Item {
        id: f.text("id")?.as_str().into(),
        text: f.text("text")?,
        details: f.texts("details")?,
        actions: inner(f, "actions", action)?,
        span: span(f)?,
    })
}

fn procedure(f: Fields<'_>) -> Read<Procedure> {
    Ok(Procedure {
        id: f.text("id")?.as_str().into(),
        title: f.text("title")?,
        parent: f.text_opt("parent")?.map(ProcedureId::new),
        choice: choice(f)?,
        off_path: f.bool("off_path")?,
        conditional: f.bool_or("conditional", false)?,
        phase: f.word("phase")?,
        use_when: f.text("use_when")?,
        text: f.text("text")?,
        estimate: estimate(f)?,
        steps: inner(f, "steps", step)?,
        span: span(f)?,
    })
}

fn step(f: Fields<'_>) -> Read<Step> {
    Ok(Step {
        id: f.text("id")?.as_str().into(),
        title: f.text("title")?,
        estimate: estimate(f)?,
        text: f.text("text")?,
        point_of_no_return: f.bool("point_of_no_return")?,
        actions: inner(f, "actions", action)?,
        choice: choice(f)?,
        branch: f.text_opt("branch")?.map(|b| b.as_str().into()),
        span: span(f)?,
    })
}

fn action(f: Fields<'_>) -> Read<Action> {
    Ok(Action {
        id: f.text("id")?.as_str().into(),
        title: f.text("title")?,
        kind: f.word("kind")?,
        lang: f.text("lang")?,
        code: f.text("code")?,
        parameters: f
            .texts("parameters")?
            .into_iter()
            .map(ParameterName::new)
            .collect(),
        expect: inner(f, "expect", expectation)?,
        danger: f.word("danger")?,
        danger_why: f.text("danger_why")?,
        monitor: f.bool("monitor")?,
        tunnel: f.bool_or("tunnel", false)?,
        interactive: f.bool("interactive")?,
        opt_in: f.bool("opt_in")?,
        choice: choice(f)?,
        branch: f.text_opt("branch")?.map(|b| b.as_str().into()),
        target: f.text_opt("target")?.map(ProcedureId::new),
        interpreter: f.text_opt("interpreter")?,
        cwd: f.text_opt("cwd")?,
        timeout_s: u64_opt(f, "timeout_s")?,
        timeout_line: f.u32_opt("timeout_line")?,
        backup_check: f.bool("backup_check")?,
        sense: f.bool_or("sense", false)?,
        connection: f.text_opt("connection")?,
        place: place(f)?,
        attributes: added(f, "attributes", |f| {
            Ok(Attribute {
                key: f.text("key")?,
                value: f.text("value")?,
            })
        })?,
        span: span(f)?,
    })
}

fn expectation(f: Fields<'_>) -> Read<Expectation> {
    let value = || f.text("value");
    let whole = |name: &str| {
        f.value(name)?
            .as_i64()
            .ok_or_else(|| RecordError::Field(name.to_owned()))
    };
    let small = |name: &str| RecordError::Field(name.to_owned());
    let rule = match f.text("rule")?.as_str() {
        "contains" => ExpectRule::Contains(value()?),
        "absent" => ExpectRule::Absent(f.texts("values")?),
        "exactly" => ExpectRule::Exactly(value()?),
        "json" => ExpectRule::JsonSubset(value()?),
        "http_status" => {
            ExpectRule::HttpStatus(u16::try_from(f.u64("value")?).map_err(|_| small("value"))?)
        }
        "rows" => ExpectRule::Rows(f.word("compare")?, whole("value")?),
        "number" => ExpectRule::Number(f.word("compare")?, whole("thousandths")?),
        "regex" => ExpectRule::Regex(value()?),
        "similar" => {
            let hundredths = u8::try_from(f.u64("hundredths")?).map_err(|_| small("hundredths"))?;
            ExpectRule::Similar(hundredths, value()?)
        }
        "exit" => ExpectRule::Exit(i32::try_from(whole("value")?).map_err(|_| small("value"))?),
        "person" => ExpectRule::Person,
        _ => return Err(small("rule")),
    };
    Ok(Expectation {
        text: f.text("text")?,
        rule,
        partly: f.bool_or("partly", false)?,
    })
}

fn template(f: Fields<'_>) -> Read<Template> {
    Ok(Template {
        id: f.text("id")?.as_str().into(),
        kind: f.word("kind")?,
        title: f.text("title")?,
        moment: f.text("moment")?,
        every_s: u64_opt(f, "every_s")?,
        text: f.text("text")?,
        fields: inner(f, "fields", field)?,
        span: span(f)?,
    })
}

fn field(f: Fields<'_>) -> Read<Field> {
    let wrong = |name: &str| RecordError::Field(name.to_owned());
    let byte = |n: u64| usize::try_from(n).map_err(|_| wrong("blank"));
    let (first, end) = pair(f, "blank")?.ok_or_else(|| wrong("blank"))?;
    let ticks = f.list("ticks", |v| match v {
        Value::Null => Some(None),
        v => v.as_u64().and_then(|n| usize::try_from(n).ok()).map(Some),
    })?;
    let choices = f.texts("choices")?;
    if choices.len() != ticks.len() {
        return Err(wrong("ticks"));
    }
    Ok(Field {
        id: f.text("id")?.as_str().into(),
        section: f.text("section")?,
        label: f.text("label")?,
        blank: (byte(first)?, byte(end)?),
        choices: choices
            .into_iter()
            .zip(ticks)
            .map(|(text, tick_at)| FieldChoice { text, tick_at })
            .collect(),
        line: f.u32("line")?,
    })
}

/// Plans of an earlier version know no source.
fn secret_source(f: Fields<'_>) -> Read<Option<SecretSource>> {
    if f.0.get("secret_from").is_none_or(Value::is_null) {
        return Ok(None);
    }
    let f = f.object("secret_from")?;
    for kind in ["env", "file", "command"] {
        if let Some(text) = f.text_opt(kind)? {
            return Ok(SecretSource::of(kind, &text));
        }
    }
    Ok(None)
}

fn parameter(f: Fields<'_>) -> Read<Parameter> {
    let uses = f.list("uses", |v| v.as_u64().and_then(|n| u32::try_from(n).ok()))?;
    Ok(Parameter {
        name: f.text("name")?.as_str().into(),
        syntax: f.text("syntax")?,
        spellings: f.texts("spellings")?,
        uses,
        environment: f.bool("environment")?,
        default: f.text_opt("default")?,
        pattern: f.text_opt("pattern")?,
        secret: f.bool("secret")?,
        secret_from: secret_source(f)?,
        help: f.text("help")?,
        pick_from: f.text_opt("pick_from")?,
        kind: match f.0.get("type") {
            None | Some(Value::Null) => ParameterKind::Text,
            Some(_) => f.word("type")?,
        },
        min: f.text_opt("min")?,
        max: f.text_opt("max")?,
        choices: match f.0.get("choices") {
            None | Some(Value::Null) => Vec::new(),
            Some(_) => f.texts("choices")?,
        },
        // Plans that were stored before places were told apart have none.
        place: match f.0.get("place") {
            None | Some(Value::Null) => None,
            Some(place) => Some(BlankPlace {
                action: Fields(place).text("action")?.as_str().into(),
                nth: Fields(place).u32("nth")?,
            }),
        },
    })
}

fn aim(f: Fields<'_>) -> Read<Aim> {
    Ok(Aim {
        key: f.text("key")?,
        value: f.text("value")?,
        span: span(f)?,
    })
}

fn connection(f: Fields<'_>) -> Read<Connection> {
    Ok(Connection {
        name: f.text("name")?,
        url: f.text_opt("url")?,
        service: f.text_opt("service")?,
        span: span(f)?,
    })
}

fn probe(f: Fields<'_>) -> Read<Probe> {
    Ok(Probe {
        name: f.text("name")?,
        kind: f.word("kind")?,
        code: f.text("code")?,
        expect: inner(f, "expect", expectation)?.into_iter().next(),
        every_s: u64_opt(f, "every_s")?,
        span: span(f)?,
    })
}

fn channel(f: Fields<'_>) -> Read<Channel> {
    Ok(Channel {
        name: f.text("name")?,
        channel: f.text("channel")?,
        every_s: u64_opt(f, "every_s")?,
        span: span(f)?,
    })
}
