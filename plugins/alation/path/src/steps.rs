use alation_shell::Release;

/// Which backup tools were on before the update; `None` when that is not known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before {
    pub v2: Option<bool>,
    pub v1: Option<bool>,
}

/// The conditional steps of the procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    pub key_rotation: bool,
    pub reindex: bool,
    pub override_ip: bool,
    pub kafka_sync: bool,
    pub enable_backup_v2: bool,
    pub revert_to_backup_v1: bool,
}

const V_R7: Release = Release::v_r(7);
const R2020_3: Release = Release::new(2020, 3);
const R2020_4: Release = Release::new(2020, 4);
const R2021_1: Release = Release::new(2021, 1);
const R2021_2: Release = Release::new(2021, 2);
const R2021_4: Release = Release::new(2021, 4);

impl Steps {
    /// Reads the conditions of the procedure ("Update HA Pair with Cluster Splitting").
    pub fn of(from: Release, to: Release, strict: bool, before: Before, wanted_tool: &str) -> Self {
        let crosses = |release: Release| from < release && to >= release;
        let listed = |list: &[(Release, &[Release])]| {
            list.iter().any(|(target, sources)| *target == to && sources.contains(&from))
        };
        let wide_or = |release: Release, list: &[(Release, &[Release])]| {
            if strict { listed(list) } else { crosses(release) }
        };
        Self {
            key_rotation: wide_or(R2021_1, &[(R2021_2, &[R2020_4, R2020_3]), (R2021_1, &[R2020_3, V_R7])]),
            reindex: wide_or(
                R2020_4,
                &[(R2021_2, &[R2020_3]), (R2021_1, &[R2020_3, V_R7]), (R2020_4, &[R2020_3, V_R7])],
            ),
            override_ip: to >= R2020_4,
            kafka_sync: to >= R2021_4,
            enable_backup_v2: to < R2021_2 && before.v2 == Some(true) && wanted_tool == "v2",
            // V1 was in use when V2 was not, whether or not its own key says so.
            revert_to_backup_v1: crosses(R2021_2)
                && before.v2 == Some(false)
                && before.v1 != Some(false)
                && wanted_tool == "v1",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From, to, then wide and strict: K key rotation, R reindexing, I override IP, E Event Bus.
    const CASES: &[(&str, &str, &str, &str)] = &[
        ("V R6", "V R7", "", ""),
        ("V R7", "2020.3", "", ""),
        ("V R7", "2020.4", "RI", "RI"),
        ("V R7", "2021.1", "KRI", "KRI"),
        ("V R7", "2021.2", "KRI", "I"),
        ("2020.3", "2020.3", "", ""),
        ("2020.3", "2020.4", "RI", "RI"),
        ("2020.3", "2021.1", "KRI", "KRI"),
        ("2020.3", "2021.2", "KRI", "KRI"),
        ("2020.3", "2021.3", "KRI", "I"),
        ("2020.3", "2021.4", "KRIE", "IE"),
        ("2020.4", "2020.4", "I", "I"),
        ("2020.4", "2021.1", "KI", "I"),
        ("2020.4", "2021.2", "KI", "KI"),
        ("2020.4", "2021.3", "KI", "I"),
        ("2021.1", "2021.2", "I", "I"),
        ("2021.1", "2021.4", "IE", "IE"),
        ("2021.2", "2021.3", "I", "I"),
        ("2021.3", "2021.3", "I", "I"),
        ("2021.3", "2021.4", "IE", "IE"),
        ("2021.4", "2021.4", "IE", "IE"),
        ("2021.4", "2022.1", "IE", "IE"),
        ("2022.1", "2023.3", "IE", "IE"),
    ];

    fn letters(from: &str, to: &str, strict: bool) -> String {
        let steps = Steps::of(from.parse().unwrap(), to.parse().unwrap(), strict, Before::default(), "v2");
        let given = [
            (steps.key_rotation, 'K'),
            (steps.reindex, 'R'),
            (steps.override_ip, 'I'),
            (steps.kafka_sync, 'E'),
        ];
        given.iter().filter(|(on, _)| *on).map(|(_, letter)| letter).collect()
    }

    #[test]
    fn every_pair_of_releases_gets_its_steps() {
        for (from, to, wide, strict) in CASES {
            assert_eq!(letters(from, to, false), *wide, "{from} to {to}, wide");
            assert_eq!(letters(from, to, true), *strict, "{from} to {to}, strict");
        }
    }

    type BackupCase = ([&'static str; 2], [Option<bool>; 2], &'static str, [bool; 2]);

    /// From, to, V2 before, V1 before, tool wanted, then: enable V2 again, go back to V1.
    const BACKUPS: &[BackupCase] = &[
        (["2020.3", "2020.4"], [Some(true), Some(true)], "v2", [true, false]),
        (["2020.3", "2020.4"], [Some(true), Some(true)], "v1", [false, false]),
        (["2020.3", "2020.4"], [Some(false), Some(true)], "v2", [false, false]),
        (["2020.3", "2021.1"], [Some(true), Some(false)], "v2", [true, false]),
        (["2020.3", "2021.2"], [Some(false), Some(true)], "v1", [false, true]),
        (["2020.3", "2021.2"], [Some(false), None], "v1", [false, true]),
        (["2020.3", "2021.2"], [Some(false), Some(false)], "v1", [false, false]),
        (["2020.3", "2021.2"], [Some(false), Some(true)], "v2", [false, false]),
        (["2020.3", "2021.2"], [Some(true), Some(true)], "v1", [false, false]),
        (["2020.3", "2021.2"], [None, None], "v1", [false, false]),
        (["2021.2", "2021.3"], [Some(false), Some(true)], "v1", [false, false]),
        (["2021.2", "2021.4"], [Some(true), Some(true)], "v2", [false, false]),
        (["V R7", "2020.4"], [Some(false), Some(true)], "v2", [false, false]),
    ];

    #[test]
    fn the_backup_tool_follows_from_what_was_on_before() {
        for ([from, to], [v2, v1], tool, [enable, revert]) in BACKUPS {
            let before = Before { v2: *v2, v1: *v1 };
            let steps = Steps::of(from.parse().unwrap(), to.parse().unwrap(), false, before, tool);
            assert_eq!(
                (steps.enable_backup_v2, steps.revert_to_backup_v1),
                (*enable, *revert),
                "{from} to {to}, {before:?}, {tool}"
            );
        }
    }
}
