use switchover_values::Value;

/// Returns the truth of a keyword's value by Ansible's words (`yes`, `on`, `1`, `true`...); `None` for others.
pub fn truth(value: &Value) -> Option<bool> {
    if let Ok(flag) = bool::try_from(value.clone()) {
        return Some(flag);
    }
    let word = value.to_string().trim().to_lowercase();
    match word.as_str() {
        "yes" | "on" | "1" | "true" | "y" | "t" => Some(true),
        "no" | "off" | "0" | "false" | "n" | "f" | "" | "none" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::truth;

    #[test]
    fn words_of_yaml_and_python_are_known() {
        assert_eq!(truth(&"yes".into()), Some(true));
        assert_eq!(truth(&true.into()), Some(true));
        assert_eq!(truth(&"False".into()), Some(false));
        assert_eq!(truth(&0.into()), Some(false));
        assert_eq!(truth(&"maybe".into()), None);
    }
}
