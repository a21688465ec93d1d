use switchover_sdk::Failure;

/// The umask that stands behind modes without a class (`+x`) and behind new paths.
const UMASK: u32 = 0o022;

/// Returns the permission bits that a mode means for a path that now has `current`: octal digits, or chmod's
/// symbolic form with the rules of Ansible.
pub fn bits(mode: &str, current: u32, is_dir: bool) -> Result<u32, Failure> {
    let mode = mode.trim();
    if let Ok(bits) = u32::from_str_radix(mode.trim_start_matches("0o"), 8) {
        return if bits <= 0o7777 { Ok(bits) } else { Err(wrong(mode)) };
    }
    mode.split(',')
        .try_fold(current, |bits, clause| apply(clause.trim(), bits, is_dir))
        .map_err(|()| wrong(mode))
}

/// Returns the bits of a path that is new and got no mode.
pub fn of_new(is_dir: bool) -> u32 {
    if is_dir { 0o777 & !UMASK } else { 0o666 & !UMASK }
}

/// Writes bits as results show them.
pub fn shown(bits: u32) -> String {
    format!("0{bits:03o}")
}

/// Writes bits for a host call.
pub fn octal(bits: u32) -> String {
    format!("{bits:04o}")
}

fn wrong(mode: &str) -> Failure {
    Failure::arguments("mode must be in octal or symbolic form")
        .with("details", format!("bad symbolic permission for mode: {mode}"))
}

fn apply(clause: &str, mut bits: u32, is_dir: bool) -> Result<u32, ()> {
    let start = clause.find(['+', '-', '=']).ok_or(())?;
    let (classes, mut rest) = clause.split_at(start);
    if !classes.chars().all(|class| "ugoa".contains(class)) {
        return Err(());
    }
    let masked = if classes.is_empty() { UMASK } else { 0 };
    let all = classes.is_empty() || classes.contains('a');
    let classes: Vec<char> = "ugo".chars().filter(|class| all || classes.contains(*class)).collect();
    let executable = is_dir || bits & 0o111 != 0;
    while let Some(operator) = rest.chars().next() {
        let end = rest[1..].find(['+', '-', '=']).map_or(rest.len(), |end| end + 1);
        let letters = &rest[1..end];
        for class in &classes {
            let change = class_bits(*class, letters, bits, executable)? & !masked;
            bits = match operator {
                '+' => bits | change,
                '-' => bits & !change,
                _ => bits & !whole(*class) | change,
            };
        }
        rest = &rest[end..];
    }
    Ok(bits)
}

fn shift(class: char) -> u32 {
    match class {
        'u' => 6,
        'g' => 3,
        _ => 0,
    }
}

/// All bits of a class, with its special one.
fn whole(class: char) -> u32 {
    let special = match class {
        'u' => 0o4000,
        'g' => 0o2000,
        _ => 0o1000,
    };
    0o7 << shift(class) | special
}

fn class_bits(class: char, letters: &str, bits: u32, executable: bool) -> Result<u32, ()> {
    if let "u" | "g" | "o" = letters {
        let from = letters.chars().next().unwrap_or('o');
        return Ok((bits >> shift(from) & 0o7) << shift(class));
    }
    letters.chars().try_fold(0, |sum, letter| {
        Ok(sum
            | match letter {
                'r' => 0o4 << shift(class),
                'w' => 0o2 << shift(class),
                'x' => 0o1 << shift(class),
                'X' if executable => 0o1 << shift(class),
                'X' => 0,
                's' if class == 'u' => 0o4000,
                's' if class == 'g' => 0o2000,
                't' if class == 'o' => 0o1000,
                's' | 't' => 0,
                _ => return Err(()),
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_octal_and_symbolic_modes() {
        let table = [
            ("0644", 0o600, 0o644),
            ("4755", 0, 0o4755),
            ("u+s,o=rx", 0o750, 0o4755),
            ("u=rwX,go=rX", 0o750, 0o755),
            ("u=rwX,go=rX", 0o640, 0o644),
            ("+x", 0o644, 0o755),
            ("+w", 0o444, 0o644),
            ("a-w", 0o666, 0o444),
            ("g=u", 0o741, 0o771),
            ("o+t", 0o777, 0o1777),
            ("u=", 0o644, 0o044),
            ("u+r-w", 0o200, 0o400),
        ];
        for (mode, before, after) in table {
            assert_eq!(bits(mode, before, false).unwrap(), after, "{mode}");
        }
        assert_eq!(bits("a=rX", 0o600, true).unwrap(), 0o555);
    }

    #[test]
    fn refuses_what_is_no_mode() {
        for mode in ["", "99", "u=q", "z+r", "77777", "rw"] {
            assert!(bits(mode, 0, false).is_err(), "{mode}");
        }
    }
}
