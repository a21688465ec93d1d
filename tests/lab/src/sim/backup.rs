use super::action::Line;
use super::conf;
use super::product::Product;

impl Product {
    /// Sets all values that say whether Backup V2 is on.
    pub fn switch_backup_v2(&mut self, on: bool) {
        self.switch(conf::BACKUP_V2, on);
        self.switch(conf::ARCHIVE_MODE, on);
    }

    pub(super) fn switch_backup_v2_told(&mut self, on: bool) -> Vec<Line> {
        self.switch_backup_v2(on);
        vec![format!("Backup V2 is {}", if on { "enabled" } else { "disabled" })]
    }
}
