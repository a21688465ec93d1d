use switchover_sdk::prelude::*;

/// What an archive, or all that is unpacked, gets.
#[derive(Params)]
pub struct Owned {
    /// Permission bits: octal digits in quotes, or chmod's symbolic form.
    pub mode: Option<Mode>,
    /// Who owns it: name or number.
    pub owner: Option<String>,
    /// Its group: name or number.
    pub group: Option<String>,
    /// Flags of chattr. Refused: not supported.
    #[param(name = "attributes", alias = "attr")]
    pub flags: Option<String>,
    /// User of the SELinux context. Refused: not supported.
    pub seuser: Option<String>,
    /// Role of the SELinux context. Refused: not supported.
    pub serole: Option<String>,
    /// Type of the SELinux context. Refused: not supported.
    pub setype: Option<String>,
    /// Level of the SELinux context. Refused: not supported.
    pub selevel: Option<String>,
    /// Writes into files themselves. Refused: not supported.
    #[param(default = false)]
    pub unsafe_writes: bool,
}

impl Owned {
    /// Refuses what is not supported.
    pub fn refuse_nonsense(&self) -> Result<(), Failure> {
        let refused = [
            ("attributes", self.flags.is_some()),
            ("seuser", self.seuser.is_some()),
            ("serole", self.serole.is_some()),
            ("setype", self.setype.is_some()),
            ("selevel", self.selevel.is_some()),
            ("unsafe_writes", self.unsafe_writes),
        ];
        match refused.iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(Failure::arguments(format!("argument `{name}` is not supported"))),
            None => Ok(()),
        }
    }

    /// Returns mode, owner and group; empty where nothing is asked for.
    pub fn words(&self) -> [&str; 3] {
        let mode = self.mode.as_ref().map_or("", |mode| mode.0.as_str());
        [mode, self.owner.as_deref().unwrap_or_default(), self.group.as_deref().unwrap_or_default()]
    }

    /// Returns whether a line of `stat` (`644 root 0 root 0`) differs; `None` for a symbolic mode, which only chmod
    /// can tell.
    pub fn differs(&self, line: &str) -> Option<bool> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [mode, owner, uid, group, gid] = fields[..] else { return Some(false) };
        let [wanted, wanted_owner, wanted_group] = self.words();
        let named =
            |wanted: &str, name: &str, number: &str| wanted.is_empty() || wanted == name || wanted == number;
        let same_bits = match wanted {
            "" => true,
            wanted => u32::from_str_radix(wanted, 8).ok()? == u32::from_str_radix(mode, 8).ok()?,
        };
        Some(!(same_bits && named(wanted_owner, owner, uid) && named(wanted_group, group, gid)))
    }
}
