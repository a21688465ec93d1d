use switchover_sdk::prelude::*;

/// The parameters that every PostgreSQL module has: where the server is.
///
/// Port and socket are not among them: a running server writes them into its `postmaster.pid`, so that no module can ever
/// ask another server than the one whose data directory it was given.
#[derive(Params, Clone)]
pub struct Settings {
    /// The data directory.
    pub data: HostPath,
    /// The folder of PostgreSQL's programs. Without it: the one of the data directory's version in the places where Debian
    /// and Red Hat put it, then the PATH.
    pub bin: Option<HostPath>,
    /// postgresql.conf, where it does not stand in the data directory (Debian: /etc/postgresql/15/main/postgresql.conf).
    pub config_file: Option<HostPath>,
    /// The database user for questions; a superuser.
    #[param(default = "postgres")]
    pub db_user: String,
    /// The database for questions.
    #[param(default = "postgres")]
    pub database: String,
    /// Password of that user, where the local socket asks for one.
    #[param(secret)]
    pub db_password: Option<Secret>,
    /// Seconds that a question may take.
    #[param(default = 60)]
    pub read_timeout: u64,
}

impl Settings {
    /// Returns a path beside the data directory, on the same file system: `/srv/pg/data` and `new` give `/srv/pg/data.new`.
    pub fn beside(&self, word: &str) -> String {
        format!("{}.{word}", self.data.trim_end_matches('/'))
    }
}
