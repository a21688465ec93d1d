use serde::{Deserialize, Serialize};

/// What the product keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Postgres,
    Kvstore,
    Eventbus,
    Search,
}

impl Kind {
    /// All kinds, the most precious first.
    pub const ALL: [Self; 4] = [Self::Postgres, Self::Kvstore, Self::Eventbus, Self::Search];

    /// The name as it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Kvstore => "kvstore",
            Self::Eventbus => "eventbus",
            Self::Search => "search",
        }
    }
}

/// One store of data on one host. Two hosts hold the same data when the generations are equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// Which contents these are; 0 for none. A number is given out once in a lab.
    pub generation: u64,
    /// The host on which these contents came to be.
    pub origin: String,
    /// How much of the contents is there, 0 to 100.
    pub percent: u8,
    /// Two writers were at it at once.
    pub corrupt: bool,
}

impl Dataset {
    /// Whole contents, made on `origin`.
    pub fn whole(generation: u64, origin: &str) -> Self {
        Self { generation, origin: origin.to_owned(), percent: 100, corrupt: false }
    }

    /// Nothing.
    pub fn empty() -> Self {
        Self { generation: 0, origin: String::new(), percent: 0, corrupt: false }
    }

    /// Whether all of it is there and sound.
    pub fn is_whole(&self) -> bool {
        self.generation != 0 && self.percent == 100 && !self.corrupt
    }

    /// A few words for a table: `3 of primary`, `half of 3 (40 %)`, `empty`, `corrupt`.
    pub fn describe(&self) -> String {
        match (self.corrupt, self.generation, self.percent) {
            (true, ..) => "corrupt".to_owned(),
            (_, 0, _) => "empty".to_owned(),
            (_, generation, 100) => format!("{generation} of {}", self.origin),
            (_, generation, percent) => format!("half of {generation} ({percent} %)"),
        }
    }
}

/// The data of one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Datasets {
    pub postgres: Dataset,
    pub kvstore: Dataset,
    pub eventbus: Dataset,
    pub search: Dataset,
}

impl Datasets {
    /// All data sets in the same way.
    pub fn all(dataset: &Dataset) -> Self {
        Self {
            postgres: dataset.clone(),
            kvstore: dataset.clone(),
            eventbus: dataset.clone(),
            search: dataset.clone(),
        }
    }

    /// One of them.
    pub fn get(&self, kind: Kind) -> &Dataset {
        match kind {
            Kind::Postgres => &self.postgres,
            Kind::Kvstore => &self.kvstore,
            Kind::Eventbus => &self.eventbus,
            Kind::Search => &self.search,
        }
    }

    /// One of them, to change it.
    pub fn get_mut(&mut self, kind: Kind) -> &mut Dataset {
        match kind {
            Kind::Postgres => &mut self.postgres,
            Kind::Kvstore => &mut self.kvstore,
            Kind::Eventbus => &mut self.eventbus,
            Kind::Search => &mut self.search,
        }
    }
}
