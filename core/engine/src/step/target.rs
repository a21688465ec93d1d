use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use switchover_connect::{
    Elevation, HostKeyChecking, LocalOptions, Method, Secret, SshOptions, Target, TransportConfig,
};
use switchover_model::Context;
use switchover_values::{Layer, Scope, TemplateError};

use super::Step;
use crate::flags::truth;
use crate::options::ConnectionDefaults;
use crate::performed::Performed;
use crate::settings::{keyword_flag, keyword_text};
use crate::world::World;

/// How a host is reached, and as whom: variables before keywords before the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionPlan {
    pub target: Target,
    pub elevation: Option<Elevation>,
    /// The Python that `ansible_python_interpreter` names. No module here runs in one: `setup` tells of it, and `pip`
    /// installs into it, as there.
    pub python: Option<String>,
}

/// The default of `become_user`.
const ROOT: &str = "root";

impl ConnectionPlan {
    /// Reads how to reach the host that does the work: the step's own, or the delegate.
    pub fn of(step: &Step, scope: &Scope, delegate: Option<&str>) -> Result<Self, Box<Performed>> {
        let name = delegate.unwrap_or(&step.host);
        let vars = match delegate {
            Some(host) if host != step.host => {
                step.play.world.hosts.ensure(host);
                step.play.scope(host)
            }
            _ => scope.clone(),
        };
        Self::read(&step.play.world, &step.task.context, name, &vars, scope)
            .map_err(|error| Box::new(Performed::from(error)))
    }

    /// Reads how to reach a host outside of any task: `context` holds the keywords, `scope` the host's variables.
    pub fn of_host(
        world: &World,
        context: &Context,
        name: &str,
        scope: &Scope,
    ) -> Result<Self, TemplateError> {
        Self::read(world, context, name, scope, scope)
    }

    fn read(
        world: &World,
        context: &Context,
        name: &str,
        vars: &Scope,
        scope: &Scope,
    ) -> Result<Self, TemplateError> {
        Reader { world, context, vars, scope, defaults: &world.options.connection }.plan(name)
    }
}

struct Reader<'a> {
    world: &'a World,
    /// The keywords of the task or the play.
    context: &'a Context,
    /// The variables of the host that does the work.
    vars: &'a Scope,
    /// The variables of the task.
    scope: &'a Scope,
    defaults: &'a ConnectionDefaults,
}

impl Reader<'_> {
    fn plan(&self, name: &str) -> Result<ConnectionPlan, TemplateError> {
        let context = self.context;
        let keyword = keyword_text(context, self.scope, "connection", |k| k.connection.as_ref())?;
        let kind =
            self.var(&["ansible_connection"])?.or(keyword).or_else(|| self.defaults.connection.clone());
        let kind = kind.unwrap_or_else(|| "ssh".to_owned());
        let user = self.user()?;
        let transport = match kind.strip_prefix("ansible.builtin.").unwrap_or(&kind) {
            "local" => TransportConfig::Local(self.local()?),
            "ssh" | "smart" | "paramiko" | "paramiko_ssh" | "ansible.netcommon.libssh" => {
                TransportConfig::Ssh(Box::new(self.ssh(name, user.clone())?))
            }
            other => return Err(unknown_connection(other)),
        };
        let login = match &transport {
            TransportConfig::Local(_) => std::env::var("USER").ok().or_else(|| std::env::var("LOGNAME").ok()),
            TransportConfig::Ssh(_) => user,
        };
        let local = matches!(transport, TransportConfig::Local(_));
        let elevation = self.elevation(login.as_deref(), local)?;
        let target = Target { name: name.to_owned(), transport };
        Ok(ConnectionPlan { target, elevation, python: self.python()? })
    }

    /// A word such as `auto_silent` leaves it to the host, and of `/usr/bin/env python3` the last word is the program.
    fn python(&self) -> Result<Option<String>, TemplateError> {
        let said = self.var(&["ansible_python_interpreter"])?;
        let program = said.as_deref().and_then(|text| text.split_whitespace().next_back());
        Ok(program.filter(|word| !word.starts_with("auto")).map(str::to_owned))
    }

    fn user(&self) -> Result<Option<String>, TemplateError> {
        let keyword = keyword_text(self.context, self.scope, "remote_user", |k| k.remote_user.as_ref())?;
        let var = self.var(&["ansible_user", "ansible_ssh_user"])?;
        Ok(var.or(keyword).or_else(|| self.defaults.user.clone()))
    }

    fn local(&self) -> Result<LocalOptions, TemplateError> {
        let executable = self.var(&["ansible_shell_executable"])?;
        // Relative paths of the controller begin at the playbook, as in Ansible.
        let folder = self.var(&["playbook_dir"])?.map(std::path::PathBuf::from);
        let executable = executable.unwrap_or_else(|| LocalOptions::default().executable);
        Ok(LocalOptions { executable, folder: folder.filter(|folder| folder.is_dir()) })
    }

    fn ssh(&self, name: &str, user: Option<String>) -> Result<SshOptions, TemplateError> {
        let defaults = self.defaults;
        let port = match self.var(&["ansible_port", "ansible_ssh_port"])? {
            Some(port) => Some(port),
            None => keyword_text(self.context, self.scope, "port", |k| k.port.as_ref())?,
        };
        let port =
            port.map(|port| port.parse().map_err(|_| TemplateError::failed(format!("'{port}' is no port"))));
        let key = self.var(&["ansible_ssh_private_key_file", "ansible_private_key_file"])?;
        let timeout =
            self.var(&["ansible_ssh_timeout", "ansible_timeout"])?.and_then(|text| text.parse().ok());
        let password = self.var(&["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"])?;
        let arguments = [
            self.var(&["ansible_ssh_args"])?,
            self.var(&["ansible_ssh_common_args"])?.or_else(|| defaults.ssh_common_args.clone()),
            self.var(&["ansible_ssh_extra_args"])?.or_else(|| defaults.ssh_extra_args.clone()),
        ];
        let mut options =
            SshOptions::new(self.var(&["ansible_host", "ansible_ssh_host"])?.unwrap_or(name.to_owned()));
        options.port = port.transpose()?;
        options.user = user;
        options.password = password.map(|text| self.secret(text)).or_else(|| defaults.password.clone());
        options.private_key_file = key.map(|path| home(&path)).or_else(|| defaults.private_key_file.clone());
        options.key_passphrase =
            self.var(&["ansible_ssh_private_key_passphrase"])?.map(|text| self.secret(text));
        options.connect_timeout = Duration::from_secs(timeout.or(defaults.timeout).unwrap_or(10));
        options.host_key_checking = self.host_key_checking()?.unwrap_or_default();
        for words in arguments.into_iter().flatten() {
            options.apply_args(&words).map_err(|error| TemplateError::failed(error.to_string()))?;
        }
        Ok(options)
    }

    fn host_key_checking(&self) -> Result<Option<HostKeyChecking>, TemplateError> {
        let words = ["ansible_ssh_host_key_checking", "ansible_host_key_checking"];
        let var = self.var(&words)?.and_then(|text| truth(&text.as_str().into()));
        let var = var.map(|strict| if strict { HostKeyChecking::Strict } else { HostKeyChecking::Off });
        Ok(var.or(self.defaults.host_key_checking))
    }

    fn elevation(&self, login: Option<&str>, local: bool) -> Result<Option<Elevation>, TemplateError> {
        let context = self.context;
        let defaults = self.defaults;
        let wanted = match self.var(&["ansible_become"])? {
            Some(text) => truth(&text.as_str().into()).unwrap_or(false),
            None => keyword_flag(context, self.scope, "become", |k| k.r#become.as_ref())?
                .unwrap_or(defaults.r#become),
        };
        if !wanted {
            return Ok(None);
        }
        let keyword = keyword_text(context, self.scope, "become_user", |k| k.become_user.as_ref())?;
        let user = self.var(&["ansible_become_user"])?.or(keyword).or_else(|| defaults.become_user.clone());
        let user = user.unwrap_or_else(|| ROOT.to_owned());
        if login == Some(user.as_str()) {
            return Ok(None);
        }
        let keyword = keyword_text(context, self.scope, "become_method", |k| k.become_method.as_ref())?;
        let method =
            self.var(&["ansible_become_method"])?.or(keyword).or_else(|| defaults.become_method.clone());
        let password = ["ansible_become_password", "ansible_become_pass", "ansible_sudo_pass"];
        let exe = keyword_text(context, self.scope, "become_exe", |k| k.become_exe.as_ref())?;
        let flags = keyword_text(context, self.scope, "become_flags", |k| k.become_flags.as_ref())?;
        let usual = Elevation::by(become_method(&method.unwrap_or_else(|| "sudo".to_owned()))?);
        Ok(Some(Elevation {
            user,
            password: self
                .var(&password)?
                .map(|text| self.secret(text))
                .or_else(|| defaults.become_password.clone()),
            exe: self.var(&["ansible_become_exe"])?.or(exe),
            flags: self.var(&["ansible_become_flags"])?.or(flags),
            prompts: self.su_prompts()?,
            timeout: self.become_timeout(local)?.unwrap_or(usual.timeout),
            ..usual
        }))
    }

    /// `ansible_su_prompt_l10n`: a text, or a list of texts.
    fn su_prompts(&self) -> Result<Vec<String>, TemplateError> {
        let Some(value) = self.vars.get("ansible_su_prompt_l10n")? else { return Ok(Vec::new()) };
        Ok(match switchover_values::to_json(&value) {
            serde_json::Value::String(text) => text.split(',').map(|word| word.trim().to_owned()).collect(),
            serde_json::Value::Array(words) => {
                words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        })
    }

    /// How long becoming another user may take: a variable of the connection.
    fn become_timeout(&self, local: bool) -> Result<Option<Duration>, TemplateError> {
        let name = if local { "ansible_local_become_success_timeout" } else { "ansible_ssh_timeout" };
        let seconds = self.var(&[name])?.and_then(|text| text.parse::<u64>().ok());
        // Over SSH the answer takes as long as the connection may take, and two seconds.
        Ok(seconds.map(|seconds| Duration::from_secs(if local { seconds } else { seconds + 2 })))
    }

    fn var(&self, names: &[&str]) -> Result<Option<String>, TemplateError> {
        for name in names {
            if let Some(value) = self.vars.get(name)?
                && !value.is_none()
                && !switchover_values::is_omit(&value)
            {
                return Ok(Some(value.to_string()));
            }
        }
        Ok(None)
    }

    fn secret(&self, text: String) -> Secret {
        self.world.events.keep_secret(&text);
        Secret::from(text)
    }
}

fn become_method(name: &str) -> Result<Method, TemplateError> {
    match name.rsplit('.').next().unwrap_or(name) {
        "sudo" => Ok(Method::Sudo),
        "su" => Ok(Method::Su),
        "doas" => Ok(Method::Doas),
        other => Err(TemplateError::failed(format!("become_method '{other}' is not available"))
            .help("there are sudo, su and doas")),
    }
}

fn unknown_connection(name: &str) -> TemplateError {
    TemplateError::failed(format!("connection '{name}' is not available"))
        .help("there are `ssh` and `local`; hosts in containers can be reached by their own sshd")
}

fn home(path: &str) -> PathBuf {
    PathBuf::from(switchover_values::expanded_user(path))
}

/// Returns how a host is reached when no playbook says more: by the inventory and the options.
///
/// # Errors
///
/// A variable of the connection makes no sense.
pub fn plan_of(world: &World, host: &str) -> Result<ConnectionPlan, TemplateError> {
    let mut scope = Scope::with_settings(Arc::clone(&world.templates));
    for (layer, vars) in world.hosts.layers(host).iter() {
        scope.push(*layer, Arc::clone(vars));
    }
    scope.push(Layer::ExtraVars, Arc::clone(&world.options.extra_vars));
    scope.overlay(world.hosts.magic(host));
    ConnectionPlan::of_host(world, &Context::inside(None), host, &scope)
}
