use super::action::Refusal;
use super::conf;
use super::world::World;

/// What an administrator does in the web interface, for which there is no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum HumanAct {
    RotateKeys,
    /// Runs the vendor's pre-upgrade script to its end.
    Reindex,
    DisableScheduling,
    EnableScheduling,
}

impl World {
    /// Does it, at once.
    pub fn act(&mut self, host: &str, act: HumanAct) -> Result<(), Refusal> {
        let product = self.product_mut(host)?;
        match act {
            HumanAct::RotateKeys => product.key_rotated = true,
            HumanAct::Reindex => product.reindexed = true,
            HumanAct::DisableScheduling => product.switch(conf::SCHEDULING, false),
            HumanAct::EnableScheduling => product.switch(conf::SCHEDULING, true),
        }
        Ok(())
    }
}
