/// Where a keyword may stand; places are added with `|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u8);

impl Place {
    /// A play.
    pub const PLAY: Self = Self(1);
    /// An entry of `roles:` or of a role's dependencies.
    pub const ROLE: Self = Self(2);
    /// A block of tasks.
    pub const BLOCK: Self = Self(4);
    /// A task of a play, a role or a block.
    pub const TASK: Self = Self(8);
    /// A task that runs when it is notified.
    pub const HANDLER: Self = Self(16);
    /// A task with `include_tasks` or `include_role`.
    pub const INCLUDE: Self = Self(32);
    /// An entry with `import_playbook`.
    pub const IMPORT_PLAYBOOK: Self = Self(64);

    /// Returns both places together.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether one of these places is among the others.
    pub const fn is_in(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Returns the place in words: "a play", "a task".
    pub fn describe(self) -> &'static str {
        match self {
            Self::PLAY => "a play",
            Self::ROLE => "a role entry",
            Self::BLOCK => "a block",
            Self::HANDLER => "a handler",
            Self::INCLUDE => "a dynamic include",
            Self::IMPORT_PLAYBOOK => "`import_playbook`",
            _ => "a task",
        }
    }

    /// Returns Ansible's word for the place, as its messages say it.
    pub fn class(self) -> &'static str {
        match self {
            Self::PLAY => "Play",
            Self::ROLE => "RoleInclude",
            Self::BLOCK => "Block",
            Self::HANDLER => "Handler",
            Self::INCLUDE => "TaskInclude",
            Self::IMPORT_PLAYBOOK => "PlaybookInclude",
            _ => "Task",
        }
    }

    /// Returns all of these places in words, for "belongs to ...".
    pub fn list(self) -> String {
        let single = [Self::PLAY, Self::ROLE, Self::BLOCK, Self::TASK, Self::HANDLER, Self::IMPORT_PLAYBOOK];
        let names: Vec<_> = single.into_iter().filter(|p| p.is_in(self)).map(Self::describe).collect();
        match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            Some((only, _)) => (*only).to_owned(),
            None => "nothing".to_owned(),
        }
    }
}
