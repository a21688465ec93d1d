use switchover_sdk::prelude::*;

/// A disk with its partitions, as `parted -m` prints it.
#[derive(Debug, PartialEq)]
pub struct Table {
    pub label: String,
    disk: Vec<String>,
    pub partitions: Vec<Partition>,
}

/// One partition.
#[derive(Debug, PartialEq)]
pub struct Partition {
    number: u32,
    begin: f64,
    end: f64,
    size: f64,
    fstype: String,
    pub name: String,
    pub flags: Vec<String>,
}

impl Table {
    /// Reads lines whose fields end with `:`; `None` when the disk itself is not among them.
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text
            .lines()
            .map(|line| line.trim_end_matches(';'))
            .skip_while(|line| *line != "BYT" && *line != "CHS" && *line != "CYL");
        lines.next()?;
        let disk: Vec<String> = lines.next()?.split(':').map(str::to_owned).collect();
        let label = disk.get(5)?.clone();
        Some(Self { label, disk, partitions: lines.filter_map(Partition::read).collect() })
    }

    pub fn partition(&self, number: u32) -> Option<&Partition> {
        self.partitions.iter().find(|partition| partition.number == number)
    }

    /// Returns whether a partition's end is elsewhere: where the last place of the disk for `100%`, else in the table's unit.
    pub fn end_differs(&self, number: u32, wanted: &str) -> bool {
        let Some(known) = self.partition(number) else { return false };
        let (size, unit) = split(&self.disk[1]);
        let place = match split(wanted) {
            (share, "%") => size * share / 100.0,
            (number, "") => number,
            (number, other) => number * factor(other) / factor(unit),
        };
        // A partition ends one sector before the next may begin, and begins at a sector that suits the disk.
        (known.end - place).abs() * factor(unit) > 1_048_576.0
    }

    /// Returns the keys `disk` and `partitions` of results.
    pub fn result(&self, unit: &str) -> Value {
        let field = |index: usize| self.disk.get(index).map_or("", String::as_str);
        let number = |index: usize| field(index).parse::<u64>().unwrap_or(512);
        let unit = unit.to_lowercase();
        let partitions: Vec<Value> =
            self.partitions.iter().map(|partition| partition.result(&unit)).collect();
        json!({
            "disk": {
                "dev": field(0), "size": split(field(1)).0, "unit": unit, "table": self.label, "model": field(6),
                "logical_block": number(3), "physical_block": number(4),
            },
            "partitions": partitions,
        })
    }

    /// Returns a line for each partition, for `--diff`.
    pub fn lines(&self) -> Vec<String> {
        let line = |partition: &Partition| {
            format!(
                "{}: {} to {} {}",
                partition.number,
                partition.begin,
                partition.end,
                partition.flags.join(",")
            )
        };
        self.partitions.iter().map(line).collect()
    }
}

impl Partition {
    fn read(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [number, begin, end, size, fstype, name, flags, ..] = fields.as_slice() else { return None };
        Some(Self {
            number: number.parse().ok()?,
            begin: split(begin).0,
            end: split(end).0,
            size: split(size).0,
            fstype: (*fstype).to_owned(),
            name: (*name).to_owned(),
            flags: flags
                .split(',')
                .map(str::trim)
                .filter(|flag| !flag.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }

    fn result(&self, unit: &str) -> Value {
        json!({
            "num": self.number, "begin": self.begin, "end": self.end, "size": self.size, "unit": unit,
            "fstype": self.fstype, "name": self.name, "flags": self.flags,
        })
    }
}

/// Splits `12.5MiB`.
fn split(text: &str) -> (f64, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    (text[..end].parse().unwrap_or(0.0), &text[end..])
}

/// Returns the bytes of a unit.
fn factor(unit: &str) -> f64 {
    match unit.to_ascii_lowercase().as_str() {
        "s" => 512.0,
        "kb" => 1e3,
        "kib" => 1024.0,
        "mb" => 1e6,
        "mib" => 1_048_576.0,
        "gb" => 1e9,
        "gib" => 1_073_741_824.0,
        "tb" => 1e12,
        "tib" => 1_099_511_627_776.0,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_parted_prints() {
        let text = "BYT;\n/dev/sdb:65536kiB:scsi:512:4096:gpt:A Disk:;\n1:17.0kiB:40960kiB:40943kiB:ext4:data:boot, esp;\n";
        let table = Table::read(text).unwrap();
        assert_eq!((table.label.as_str(), table.partitions.len()), ("gpt", 1));
        assert_eq!(table.partition(1).unwrap().flags, ["boot", "esp"]);
        assert!(!table.end_differs(1, "40MiB") && table.end_differs(1, "100%"));
        assert_eq!(table.result("KiB")["disk"]["physical_block"], 4096);
        assert!(Table::read("Error: no such disk").is_none());
    }
}
