use minijinja::{Error, Value};
use switchover_syntax::{Diagnostic, Source};

use crate::call::{Call, fail};
use crate::convert::node_to_value;
use crate::names_table::{Entry, filter};
use crate::template::python;
use crate::yaml_writer::{Style, write};

/// Filters for YAML.
pub const TABLE: &[Entry] = &[
    filter("to_yaml", |call| to_yaml(call, false)),
    filter("to_nice_yaml", |call| to_yaml(call, true)),
    filter("from_yaml", from_yaml),
    filter("from_yaml_all", from_yaml_all),
];

fn to_yaml(call: &mut Call<'_, '_, '_>, nice: bool) -> Result<Value, Error> {
    let value = call.need("value")?;
    let indent = call.next("indent").filter(|indent| !indent.is_none());
    let indent = match indent {
        Some(indent) => indent.as_usize().ok_or_else(|| fail("'indent' is a number"))?,
        None if nice => 4,
        None => 2,
    };
    let flow = call.named("default_flow_style").filter(|flow| !flow.is_none()).map(|flow| flow.is_true());
    let style = Style {
        indent,
        // Without a wish, PyYAML writes containers that hold only scalars in one line.
        flow_leaves: flow.is_none() && !nice,
        flow: flow == Some(true),
        sort_keys: call.named_flag("sort_keys", true),
        width: call.maybe_int("width")?.map_or(80, |width| width.max(10) as usize),
        explicit_start: call.named_flag("explicit_start", false),
        literal: None,
    };
    if call.named("allow_unicode").is_some() {
        return Err(fail("yaml.dump() got multiple values for keyword argument 'allow_unicode'"));
    }
    let (ends, line_break) = (call.named_flag("explicit_end", false), call.named("line_break"));
    let mut text = write(&value, &style)?;
    if ends {
        text.push_str("...\n");
    }
    Ok(match line_break.as_ref().and_then(Value::as_str) {
        Some(line_break @ ("\r" | "\r\n")) => Value::from(text.replace('\n', line_break)),
        _ => Value::from(text),
    })
}

fn from_yaml(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("data")?;
    if value.is_none() {
        return Ok(value);
    }
    if value.as_object().is_some() {
        return Err(fail(format!("'from_yaml' takes a text, not {}", python::type_name(&value))));
    }
    from_text(&python::text(&value))
}

fn from_yaml_all(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("data")?;
    if value.is_none() {
        return Ok(Value::from(Vec::<Value>::new()));
    }
    // As in Ansible, what is no text stays as it is.
    let Some(text) = value.as_str() else { return Ok(value) };
    let parsed = switchover_syntax::parse(&Source::new("<from_yaml_all>", text)).map_err(refused)?;
    Ok(parsed.documents.iter().map(node_to_value).collect())
}

/// Returns the value of a YAML text: data, no string of it is ever a template.
pub fn from_text(text: &str) -> Result<Value, Error> {
    let (node, _) = switchover_syntax::parse_one(&Source::new("<from_yaml>", text)).map_err(refused)?;
    Ok(node_to_value(&node))
}

fn refused(problems: Vec<Diagnostic>) -> Error {
    let first = problems.first().map_or_else(String::new, |problem| {
        let place = problem.labels.first().map(|label| label.span.position());
        let place = place.map_or_else(String::new, |at| format!(" (line {}, column {})", at.line, at.column));
        format!(": {}{place}", problem.message)
    });
    fail(format!("the text is not YAML{first}"))
}
