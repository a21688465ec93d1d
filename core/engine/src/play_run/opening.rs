use std::sync::Arc;

use switchover_model::Play;
use switchover_values::{Layer, Scope, VarMap};

use super::{Problem, folder_of, hosts, play_name};
use crate::play_context::{PlayContext, role_vars};
use crate::world::World;

/// A play before its hosts are known.
pub struct Opening {
    /// What the play's own keywords may use: its `vars:`, the extra variables, and what the engine gives. As in
    /// Ansible, the pattern may look at every host, and nothing of `group_vars` is a name of its own here.
    pub scope: Scope,
    /// `hostvars` looks at the play's hosts only as long as there is a play.
    _context: Arc<PlayContext>,
}

impl Opening {
    /// Opens a play; until its pattern is read, all hosts are its hosts.
    pub fn new(world: &Arc<World>, play: &Arc<Play>) -> Self {
        let everybody = world.hosts.names();
        let title = (0, String::new());
        let context = PlayContext::new(
            world,
            play,
            title,
            folder_of(play),
            (everybody.clone(), everybody.clone()),
            Arc::new(VarMap::new()),
        );
        context.set_batch(everybody);
        let mut scope = Scope::with_settings(Arc::clone(&world.templates));
        scope.push(Layer::PlayVars, role_vars(&play.vars));
        scope.push(Layer::ExtraVars, Arc::clone(&world.options.extra_vars));
        scope.overlay(context.shared_magic());
        Self { scope, _context: context }
    }

    /// Adds the answers to `vars_prompt`.
    pub fn answer(&mut self, prompts: &Arc<VarMap>) {
        self.scope.push(Layer::PlayVarsPrompt, Arc::clone(prompts));
    }
}

/// Returns the hosts of a play before it runs, as far as they can be known.
pub fn hosts_of(world: &Arc<World>, play: &Arc<Play>) -> Result<Vec<String>, Problem> {
    hosts::select(world, play, &Opening::new(world, play).scope)
}

/// Returns the pattern and the name of a play before it runs, as far as they can be known.
pub fn title(world: &Arc<World>, play: &Arc<Play>) -> (String, String) {
    let opening = Opening::new(world, play);
    let written = |_| play.hosts.as_str().unwrap_or_default().to_owned();
    let pattern = hosts::pattern(play, &opening.scope).unwrap_or_else(written);
    let name = play_name(play, &opening.scope).unwrap_or_else(|_| pattern.clone());
    (pattern, name)
}
