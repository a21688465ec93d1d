use crate::{Distrust, PluginError};

impl PluginError {
    /// Returns what to do about it, where the message does not say it.
    pub fn remedy(&self) -> Option<String> {
        let file = self.path().display();
        let text = match self {
            Self::Refused { remedy, .. } => return remedy.clone(),
            Self::LockedOtherwise { .. } | Self::LockLine { .. } => {
                "find out who changed the file; `switchover plugin lock` writes the lock anew".into()
            }
            Self::NotLocked { .. } => "`switchover plugin lock` adds it, once you trust it".into(),
            Self::WrongAbi { want, got, .. } if got > want => {
                "build it with the SDK or the header that belongs to this program, or take a newer switchover".into()
            }
            Self::WrongAbi { .. } | Self::TableTooSmall { .. } => {
                "build it with the SDK or the header that belongs to this program".into()
            }
            Self::WrongCpu { .. } => "build it on this machine, or for it".into(),
            Self::Truncated { .. } => "copy or build it once more".into(),
            Self::NotALibrary { .. } => format!("take {file} away, or build the plugin anew"),
            Self::Unreadable { .. } => format!("mend or take away {file}, or leave its folder out"),
            Self::Untrusted { source: Distrust::ForeignOwner { .. }, .. } => {
                "copy it into a folder of yours, once you trust it".into()
            }
            Self::Untrusted { .. } => return None,
            Self::Open { .. } => format!("build it on this machine; `ldd -r {file}` names what it lacks"),
            Self::NoSymbol { .. } => {
                "`export_modules!` of the SDK, or `SWITCHOVER_EXPORT` of the header, makes a library a plugin".into()
            }
            Self::DescribeNotReadable { .. } => {
                "core/sdk/c/switchover_plugin.h holds an example of what `describe` answers".into()
            }
            Self::Duplicate { .. } => {
                "until one of the two files is taken away, or offers another name, the name means neither".into()
            }
            Self::Reserved { .. } => {
                "the module is not asked by that name; the author has to give it another one. Who wants to replace \
                 a plugin of Switchover gives the file the name of the one that it replaces"
                    .into()
            }
            Self::NoProcess { .. } => "see whether this machine is out of processes or memory".into(),
            Self::Replaced { .. } => "run it again when nobody builds or copies the plugin".into(),
            Self::Hung { .. } => format!(
                "this is a mistake in the plugin; `touch {file}`, or a new build, has it asked once more, and `switchover plugin check {file}` tells more"
            ),
            Self::Hangs { .. }
            | Self::Died { .. }
            | Self::NoTable { .. }
            | Self::NoFunction { .. }
            | Self::Describe { .. }
            | Self::Spec { .. }
            | Self::Spoils { .. } => {
                format!("this is a mistake in the plugin; `switchover plugin check {file}` tells more")
            }
        };
        Some(text)
    }
}
