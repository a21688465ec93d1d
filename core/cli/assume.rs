use serde_json::{Map, Value, json};
use switchover_engine::{Assumed, Assumptions};
use switchover_journal::Intent;

/// What is wrong with what was said of steps, and what to do.
type Wrong = (String, String);

/// Reads what a human found out about steps: `--assume` and `--assume-result`.
pub fn read(words: &[String], results: &[String]) -> Result<Assumptions, Wrong> {
    let mut all = Assumptions::default();
    for word in words {
        let (step, what) =
            word.split_once('=').ok_or_else(|| wrong(format!("`{word}` is no `STEP=WORD`")))?;
        let assumed = match what {
            "done" => Assumed::Done,
            "failed" => Assumed::Failed,
            "again" => Assumed::Again,
            other => {
                return Err(wrong(format!(
                    "a step is `done`, `failed` or may be done `again`, not `{other}`"
                )));
            }
        };
        let before = match step {
            "all" => all.all.replace(assumed),
            number => all.steps.insert(number_of(number)?, assumed),
        };
        if before.is_some_and(|before| before != assumed) {
            return Err(wrong(format!("two different words are given for {}", called(step))));
        }
    }
    for word in results {
        let (step, given) =
            word.split_once('=').ok_or_else(|| wrong(format!("`{word}` is no `STEP=TEXT`")))?;
        all.results.insert(number_of(step)?, result(step, given)?);
    }
    Ok(all)
}

fn wrong(text: String) -> Wrong {
    (text, "write the step's number: `--assume 17=done` or `--assume 17=again`".to_owned())
}

fn called(step: &str) -> String {
    if step == "all" { "all steps".to_owned() } else { format!("step {step}") }
}

fn number_of(word: &str) -> Result<u64, Wrong> {
    word.parse().map_err(|_| wrong(format!("`{word}` is no number of a step")))
}

/// A mapping is the result itself; every other text is what the step printed.
fn result(step: &str, given: &str) -> Result<Map<String, Value>, Wrong> {
    let text = match given.strip_prefix('@') {
        None => given.to_owned(),
        Some(path) => std::fs::read_to_string(path).map_err(|error| {
            let help = format!(
                "name a file that holds what the step printed, or write it: `--assume-result '{step}=some text'`, \
                 `--assume-result {step}=` when it printed nothing"
            );
            (format!("cannot read {path}, which is to hold what step {step} gave: {error}"), help)
        })?,
    };
    if let Ok(Value::Object(keys)) = serde_json::from_str(&text) {
        return Ok(keys);
    }
    let stdout = text.trim_end_matches(['\r', '\n']);
    Ok(Map::from_iter([
        ("stdout".to_owned(), json!(stdout)),
        ("stderr".to_owned(), json!("")),
        ("rc".to_owned(), json!(0)),
    ]))
}

/// Refuses words for steps that are not open, and `done` for one whose result is wanted and not given.
pub fn hold(assumptions: &Assumptions, open: &[(u64, Intent)]) -> Result<(), Wrong> {
    let named = assumptions.steps.keys().chain(assumptions.results.keys());
    if let Some(step) = named.filter(|step| !open.iter().any(|(number, _)| number == *step)).min() {
        let text = format!("nothing is to be assumed of step {step}: it is none whose end is unknown");
        return Err((text, still_open(open)));
    }
    let silent = assumptions
        .results
        .keys()
        .filter(|step| !matches!(assumptions.of(**step), Some(Assumed::Done | Assumed::Failed)));
    if let Some(step) = silent.min() {
        let help = format!("add `--assume {step}=done` when it did its work");
        return Err((format!("step {step} has a result, and nobody says that it ended"), help));
    }
    let without = |(number, intent): &&(u64, Intent)| {
        intent.registers.is_some()
            && assumptions.of(*number) == Some(Assumed::Done)
            && !assumptions.results.contains_key(number)
    };
    let lacking: Vec<_> = open.iter().filter(without).cloned().collect();
    let Some((number, intent)) = lacking.first() else { return Ok(()) };
    let (name, (wanted, words)) = (intent.registers.clone().unwrap_or_default(), wanted(&lacking));
    let text = format!(
        "step {number}, {}, registers `{name}`, and nobody says what it gave: the steps that read it would fail",
        intent.whole_title()
    );
    Err((text, format!("{}\n   {words}", wanted.trim_start())))
}

fn still_open(open: &[(u64, Intent)]) -> String {
    let one = |(number, intent): &(u64, Intent)| format!("\n    {number}  {}", intent.whole_title());
    match open.is_empty() {
        true => "no step of this run is open: resume it without `--assume`".to_owned(),
        false => format!("these are open:{}", open.iter().map(one).collect::<String>()),
    }
}

/// Returns how the results of these steps are given: in words, and as options that begin with a blank.
pub fn wanted(open: &[(u64, Intent)]) -> (String, String) {
    let registering: Vec<u64> =
        open.iter().filter(|(_, intent)| intent.registers.is_some()).map(|(number, _)| *number).collect();
    let Some(first) = registering.first() else { return Default::default() };
    let words = registering.iter().map(|number| format!(" --assume-result {number}=@FILE")).collect();
    let text = format!(
        " What is registered is read later, so say what it gave: FILE holds what the step printed, or write it, as in \
         `--assume-result {first}=text` (`{first}=` when it printed nothing). "
    );
    (text.trim_end().to_owned(), words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(number: u64, registers: Option<&str>) -> (u64, Intent) {
        let intent = json!({
            "play": 0, "host": "db1", "ordinal": 2, "item": 1, "digest": "d", "task": "Copy",
            "place": { "file": "site.yml", "line": 3, "column": 5 }, "destroys": null, "label": "x",
            "registers": registers,
        });
        (number, serde_json::from_value(intent).unwrap())
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn words_for_steps_that_are_not_open_are_refused() {
        let said = read(&words(&["8=done", "9=again"]), &[]).unwrap();
        let (text, help) = hold(&said, &[open(8, None)]).unwrap_err();
        assert!(text.contains("step 9") && help.contains("8  Copy (item=x) on db1"), "{text} {help}");
        assert!(hold(&said, &[open(8, None), open(9, None)]).is_ok());
        assert!(read(&words(&["8=done", "8=again"]), &[]).is_err());
        assert!(read(&words(&["8=done", "8=done"]), &[]).is_ok());
    }

    #[test]
    fn a_result_that_is_read_later_has_to_be_given() {
        let open = [open(8, Some("it"))];
        let said = |given: &[&str]| read(&words(&["all=done"]), &words(given)).unwrap();
        let (text, help) = hold(&said(&[]), &open).unwrap_err();
        assert!(text.contains("`it`") && help.contains("--assume-result 8=@FILE"), "{text} {help}");
        assert!(hold(&said(&["8="]), &open).is_ok());
        assert_eq!(said(&["8=a=b"]).results[&8]["stdout"], "a=b");
        assert_eq!(said(&[r#"8={"rc": 3}"#]).results[&8], Map::from_iter([("rc".to_owned(), json!(3))]));
        assert!(read(&[], &words(&["8=@/nowhere/FILE"])).unwrap_err().1.contains("8="));
        assert!(hold(&read(&words(&["8=again"]), &words(&["8=x"])).unwrap(), &open).is_err());
    }
}
