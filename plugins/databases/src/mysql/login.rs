use switchover_sdk::prelude::*;

use crate::client;

/// How a task logs in to a server of MariaDB or MySQL.
#[derive(Params)]
pub struct Login {
    /// Who logs in; `root` when no file says otherwise.
    pub login_user: Option<String>,
    /// The password. It goes to the client by a pipe, never on a command line or in a file.
    #[param(secret)]
    pub login_password: Option<Secret>,
    /// The host of the server.
    #[param(default = "localhost")]
    pub login_host: String,
    /// The port of the server, when it is not this machine's socket.
    #[param(default = 3306)]
    pub login_port: u16,
    /// The socket of the server.
    pub login_unix_socket: Option<String>,
    /// Seconds to wait for the server.
    #[param(default = 30)]
    pub connect_timeout: u64,
    /// A file with user and password under `[client]`; empty to read none.
    #[param(default = "~/.my.cnf")]
    pub config_file: String,
    /// A file with the client's certificate.
    #[param(alias = "ssl_cert")]
    pub client_cert: Option<HostPath>,
    /// A file with the client's key.
    #[param(alias = "ssl_key")]
    pub client_key: Option<HostPath>,
    /// A file with the authorities that may have signed the server's certificate.
    #[param(alias = "ssl_ca")]
    pub ca_cert: Option<HostPath>,
    /// Whether the server's name must be that of its certificate.
    pub check_hostname: Option<bool>,
}

/// Hands options to a client as a file that only it can read: a pipe, under the number 3. `$0` is what is wanted, `$1` the
/// name of the client at MariaDB, `$2` a file of the user, `$3` `1` to try root without a password first, `$4` the
/// number of arguments for that, then options as lines. The password is the first line of the input.
const OPTIONS: &str = r#"IFS= read -r password
tool=$0 other=$1 file=$2 implicit=$3 options=$4; shift 4
command -v "$tool" >/dev/null 2>&1 || tool=$other
command -v "$tool" >/dev/null 2>&1 || exit 64
case $file in "~/"*) file=$HOME/${file#"~/"};; esac
include=
if [ -n "$file" ] && [ -r "$file" ]; then include="!include $file"; fi
if [ "$implicit" = 1 ]; then
if echo 'SELECT 1' | "$tool" --defaults-file=/dev/fd/3 -u root 3<<EOF >/dev/null 2>&1
[client]
$options
EOF
then include= password=; fi
fi
[ -z "$password" ] || password="password=\"$password\""
if [ "$implicit" != 1 ] || [ -n "$password$include" ]; then user=$1; else user=; fi
shift
exec 3<<EOF
[client]
user=root
$include
[client]
$options
$user
$password
EOF
"#;

impl Login {
    /// Returns a client with its login. `text` runs `"$tool" --defaults-file=/dev/fd/3 "$@"`; `implicit` tries root
    /// without a password first.
    pub fn program(
        &self,
        text: &str,
        tools: [&str; 2],
        arguments: &[String],
        implicit: bool,
        input: &str,
    ) -> Result<Command, Failure> {
        let password =
            self.login_password.as_ref().map(|password| escaped(password.expose())).unwrap_or_default();
        let user =
            self.login_user.as_ref().map(|user| format!("user=\"{}\"", escaped(user))).unwrap_or_default();
        let implicit = if implicit { "1" } else { "" };
        let fixed = [tools[1], &self.config_file, implicit, &self.options()?, &user];
        let arguments = [&fixed.map(str::to_owned)[..], arguments].concat();
        client::with_password(&format!("{OPTIONS}{text}"), tools[0], &arguments, &password, input)
    }

    /// Returns the lines of the option file but for user and password.
    fn options(&self) -> Result<String, Failure> {
        let mut lines = Vec::new();
        let mut put = |name: &str, value: &str| lines.push(format!("{name}=\"{}\"", escaped(value)));
        match &self.login_unix_socket {
            Some(socket) => put("socket", socket),
            None => {
                put("host", &self.login_host);
                put("port", &self.login_port.to_string());
                if self.login_host == "localhost" && self.login_port != 3306 {
                    put("protocol", "tcp");
                }
            }
        }
        let files =
            [("ssl-ca", &self.ca_cert), ("ssl-cert", &self.client_cert), ("ssl-key", &self.client_key)];
        for (name, file) in files {
            if let Some(file) = file {
                put(name, file);
            }
        }
        // MariaDB and MySQL have different names for it, and each skips what it does not know.
        match self.check_hostname {
            Some(true) => {
                put("loose-ssl-verify-server-cert", "1");
                put("loose-ssl-mode", "VERIFY_IDENTITY");
            }
            Some(false) => put("loose-ssl-verify-server-cert", "0"),
            None => {}
        }
        match lines.iter().any(|line| line.contains('\n')) {
            true => Err(Failure::arguments("what a login needs has one line each")),
            false => Ok(lines.join("\n")),
        }
    }
}

/// Writes a value for an option file, between double quotes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}
