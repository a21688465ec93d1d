use switchover_sdk::Failure;

use crate::sizes;

/// The room of a volume group, in bytes.
pub struct Room {
    size: u64,
    free: u64,
    extent: u64,
}

impl Room {
    /// Reads what `vgs` printed; `None` when it knows no such group.
    pub fn read(text: &str) -> Option<Self> {
        let [size, free, extent] = text.split(';').collect::<Vec<_>>().try_into().ok()?;
        Some(Self { size: size.parse().ok()?, free: free.parse().ok()?, extent: extent.parse().ok()? })
    }

    /// Rounds up to whole extents.
    pub fn extents(&self, bytes: u64) -> u64 {
        bytes.div_ceil(self.extent.max(1)) * self.extent
    }
}

/// A size as a task gives it.
pub struct Size {
    text: String,
    /// `+`, `-` or nothing.
    sign: Option<char>,
    of: Of,
}

enum Of {
    Nothing,
    Bytes(u64),
    /// A share of `VG`, `FREE`, `PVS` or `ORIGIN`.
    Share(u64, String),
}

impl Size {
    pub fn none() -> Self {
        Self { text: String::new(), sign: None, of: Of::Nothing }
    }

    pub fn read(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let sign = text.chars().next().filter(|c| matches!(c, '+' | '-'));
        let rest = text.trim_start_matches(['+', '-']);
        let of = match rest.split_once('%') {
            None => Of::Bytes(sizes::bytes(rest)?),
            Some((share, of)) => match (share.parse(), of.to_uppercase().as_str()) {
                (Ok(share @ 1..=100), of @ ("VG" | "FREE" | "PVS" | "ORIGIN")) => {
                    Of::Share(share, of.to_owned())
                }
                _ => {
                    let msg = format!(
                        "Bad size specification of '{text}': a share is 1 to 100 of %VG, %FREE, %PVS or %ORIGIN"
                    );
                    return Err(Failure::arguments(msg));
                }
            },
        };
        Ok(Self { text: text.to_owned(), sign, of })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_relative(&self) -> bool {
        self.sign.is_some()
    }

    /// A share of what is free says nothing of a smaller size.
    pub fn only_grows(&self) -> bool {
        self.sign == Some('+') || matches!(&self.of, Of::Share(_, of) if of == "FREE")
    }

    /// Returns the option of `lvcreate`.
    pub fn options(&self) -> Vec<String> {
        match &self.of {
            Of::Nothing => Vec::new(),
            Of::Bytes(bytes) => vec!["-L".to_owned(), format!("{bytes}b")],
            Of::Share(share, of) => vec!["-l".to_owned(), format!("{share}%{of}")],
        }
    }

    /// Returns the size that a volume of `now` bytes should have.
    pub fn bytes(&self, room: &Room, now: u64) -> u64 {
        let amount = match &self.of {
            Of::Nothing => now,
            Of::Bytes(bytes) => *bytes,
            Of::Share(share, of) if of == "FREE" && self.sign.is_none() => now + room.free / 100 * share,
            Of::Share(share, of) if of == "FREE" => room.free / 100 * share,
            Of::Share(share, _) => (u128::from(room.size) * u128::from(*share) / 100) as u64,
        };
        match self.sign {
            Some('+') => now + amount,
            Some(_) => now.saturating_sub(amount),
            None => amount,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_shares_and_steps() {
        let room = Room::read("1000;400;10").unwrap();
        let bytes = |text: &str| room.extents(Size::read(text).unwrap().bytes(&room, 100));
        assert_eq!(bytes("50%VG"), 500);
        assert_eq!(bytes("100%FREE"), 500);
        assert_eq!(bytes("+25%FREE"), 200);
        assert_eq!(bytes("-20b"), 80);
        assert_eq!(bytes("123b"), 130);
        assert!(Size::read("101%VG").is_err() && Size::read("5%X").is_err());
        assert_eq!(Size::read("1g").unwrap().options(), ["-L", "1073741824b"]);
    }
}
