use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, Value};

use crate::call::{Call, fail, items, list_items};
use crate::names_table::{Entry, filter};
use crate::operators::{add, attribute_path};
use crate::template::{missing, python};

/// Filters that take lists apart and put them together.
pub const TABLE: &[Entry] = &[
    filter("first", first).lazy(),
    filter("last", last).lazy(),
    filter("length", length).lazy(),
    filter("count", length).lazy(),
    filter("list", list).lazy(),
    filter("join", join),
    filter("sum", sum),
    filter("slice", slice),
    filter("batch", batch),
    filter("flatten", flatten),
    filter("zip", zip).lazy(),
    filter("zip_longest", zip_longest).lazy(),
    filter("product", product),
    filter("permutations", permutations),
    filter("combinations", combinations),
];

fn first(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let found = items(&call.need("value")?)?.into_iter().next();
    Ok(found.unwrap_or_else(|| missing::undefined("", "No first item, sequence was empty.")))
}

fn last(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let found = items(&call.need("value")?)?.pop();
    Ok(found.unwrap_or_else(|| missing::undefined("", "No last item, sequence was empty.")))
}

fn length(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let length = match value.kind() {
        ValueKind::String => value.as_str().map(|text| text.chars().count()),
        ValueKind::Iterable => Some(items(&value)?.len()),
        _ => value.len(),
    };
    length
        .map(Value::from)
        .ok_or_else(|| fail(format!("object of type '{}' has no len()", python::type_name(&value))))
}

fn list(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    items(&call.need("value")?).map(Value::from)
}

fn join(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let separator = call.text_or("d", "");
    let attribute = call.next("attribute").filter(|path| !path.is_none());
    let mut parts = Vec::new();
    for item in items(&value)? {
        let item = match &attribute {
            Some(path) => attribute_path(&item, path)?,
            None => item,
        };
        crate::operators::defined(&item)?;
        parts.push(python::text(&item));
    }
    Ok(Value::from(parts.join(&separator)))
}

fn sum(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let attribute = call.next("attribute").filter(|path| !path.is_none());
    let start = call.next("start").unwrap_or_else(|| Value::from(0));
    // `sum(start=[])` of long lists must not copy the result for each item.
    if start.kind() == ValueKind::Seq {
        let mut all = items(&start)?;
        for item in items(&value)? {
            let item = attribute.as_ref().map_or(Ok(item.clone()), |path| attribute_path(&item, path))?;
            all.extend(list_items(&item)?);
        }
        return Ok(Value::from(all));
    }
    let mut total = start;
    for item in items(&value)? {
        let item = attribute.as_ref().map_or(Ok(item.clone()), |path| attribute_path(&item, path))?;
        total = add(&total, &item)?;
    }
    Ok(total)
}

fn slice(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let all = items(&call.need("value")?)?;
    let slices = usize::try_from(call.int_or("slices", 0)?).ok().filter(|n| *n > 0);
    let slices = slices.ok_or_else(|| fail("'slice' needs a number of slices above 0"))?;
    let fill = call.next("fill_with").filter(|fill| !fill.is_none());
    let (each, extra) = (all.len() / slices, all.len() % slices);
    let mut rest = all.into_iter();
    Ok((0..slices)
        .map(|number| {
            let mut part: Vec<Value> = rest.by_ref().take(each + usize::from(number < extra)).collect();
            if number >= extra && extra > 0 {
                part.extend(fill.clone());
            }
            Value::from(part)
        })
        .collect())
}

fn batch(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let all = items(&call.need("value")?)?;
    let size = usize::try_from(call.int_or("linecount", 0)?).ok().filter(|n| *n > 0);
    let size = size.ok_or_else(|| fail("'batch' needs a size above 0"))?;
    let fill = call.next("fill_with").filter(|fill| !fill.is_none());
    Ok(all
        .chunks(size)
        .map(|chunk| {
            let mut chunk = chunk.to_vec();
            if let Some(fill) = &fill {
                chunk.resize(size, fill.clone());
            }
            Value::from(chunk)
        })
        .collect())
}

fn flatten(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let levels = call.maybe_int("levels")?;
    let skip_nulls = call.flag("skip_nulls", true);
    let mut out = Vec::new();
    flatten_into(&mut out, &value, levels.unwrap_or(i64::MAX), skip_nulls)?;
    Ok(Value::from(out))
}

fn flatten_into(out: &mut Vec<Value>, value: &Value, levels: i64, skip_nulls: bool) -> Result<(), Error> {
    for item in items(value)? {
        let is_null = item.is_none() || matches!(item.as_str(), Some("None" | "null"));
        if skip_nulls && is_null {
            continue;
        }
        if matches!(item.kind(), ValueKind::Seq | ValueKind::Iterable) && levels >= 1 {
            flatten_into(out, &item, levels - 1, skip_nulls)?;
        } else {
            out.push(item);
        }
    }
    Ok(())
}

fn tuple(items: Vec<Value>) -> Value {
    Value::from(Tuple::new(items))
}

fn lists(call: &mut Call<'_, '_, '_>) -> Result<Vec<Vec<Value>>, Error> {
    call.rest().iter().map(items).collect()
}

fn zip(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let lists = lists(call)?;
    let shortest = lists.iter().map(Vec::len).min().unwrap_or(0);
    Ok((0..shortest).map(|at| tuple(lists.iter().map(|list| list[at].clone()).collect())).collect())
}

fn zip_longest(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let fill = call.named("fillvalue").unwrap_or_else(|| Value::from(()));
    let lists = lists(call)?;
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    let item = |list: &Vec<Value>, at: usize| list.get(at).cloned().unwrap_or_else(|| fill.clone());
    Ok((0..longest).map(|at| tuple(lists.iter().map(|list| item(list, at)).collect())).collect())
}

/// Results of products and permutations grow fast; this many are a mistake.
const MOST: usize = 1_000_000;

fn product(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let repeat = call.named("repeat").and_then(|n| n.as_usize()).unwrap_or(1);
    let lists = lists(call)?;
    let lists: Vec<&Vec<Value>> = std::iter::repeat_n(&lists, repeat).flatten().collect();
    let mut out = vec![Vec::new()];
    for list in lists {
        if out.len().saturating_mul(list.len()) > MOST {
            return Err(fail(format!("'product' gives more than {MOST} items")));
        }
        out = out
            .iter()
            .flat_map(|row| {
                list.iter().map(move |item| [row.as_slice(), std::slice::from_ref(item)].concat())
            })
            .collect();
    }
    Ok(out.into_iter().map(tuple).collect())
}

fn permutations(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let all = items(&call.need("value")?)?;
    let size = call.maybe_int("r")?.map_or(all.len(), |size| size.max(0) as usize);
    let mut rows = Vec::new();
    arrange(&mut rows, &mut Vec::new(), all.len(), size, false)?;
    Ok(rows.into_iter().map(|row| tuple(row.into_iter().map(|at| all[at].clone()).collect())).collect())
}

fn combinations(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let all = items(&call.need("value")?)?;
    let size = call.int_or("r", 0)?.max(0) as usize;
    let mut rows = Vec::new();
    arrange(&mut rows, &mut Vec::new(), all.len(), size, true)?;
    Ok(rows.into_iter().map(|row| tuple(row.into_iter().map(|at| all[at].clone()).collect())).collect())
}

/// Adds all rows of `size` different positions; `rising` leaves out other orders of the same ones.
fn arrange(
    rows: &mut Vec<Vec<usize>>,
    row: &mut Vec<usize>,
    count: usize,
    size: usize,
    rising: bool,
) -> Result<(), Error> {
    if row.len() == size {
        if rows.len() >= MOST {
            return Err(fail(format!("more than {MOST} items")));
        }
        rows.push(row.clone());
        return Ok(());
    }
    for at in 0..count {
        let taken = if rising { row.last().is_some_and(|last| at <= *last) } else { row.contains(&at) };
        if !taken {
            row.push(at);
            arrange(rows, row, count, size, rising)?;
            row.pop();
        }
    }
    Ok(())
}
