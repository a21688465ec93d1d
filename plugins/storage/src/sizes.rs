use switchover_sdk::Failure;

/// Reads a size of LVM in bytes: a number, and a unit of which the first letter counts; capitals are thousands for `lvcreate`
/// too, but Ansible takes both as powers of 1024. Without a unit it is mebibytes.
pub fn bytes(text: &str) -> Result<u64, Failure> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let wrong = || {
        Failure::arguments(format!("`{text}` is no size: write a number with one of b, s, k, m, g, t, p, e"))
    };
    let number: f64 = text[..end].parse().map_err(|_| wrong())?;
    let factor: u64 = match text[end..].trim().to_ascii_lowercase().as_str() {
        "b" => 1,
        "s" => 512,
        "k" => 1 << 10,
        "" | "m" => 1 << 20,
        "g" => 1 << 30,
        "t" => 1 << 40,
        "p" => 1 << 50,
        "e" => 1 << 60,
        _ => return Err(wrong()),
    };
    Ok((number * factor as f64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sizes_as_lvm_writes_them() {
        assert_eq!(bytes("512").unwrap(), 512 << 20);
        assert_eq!(bytes("1.5g").unwrap(), 1536 << 20);
        assert_eq!(bytes("8S").unwrap(), 4096);
        assert!(bytes("1x").is_err());
        assert!(bytes("g").is_err());
    }
}
