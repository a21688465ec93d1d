use super::playbook::{HOSTS, Place, Playbook, deeper, indent, line};

impl Playbook {
    /// Makes up some tasks.
    pub fn tasks(&mut self, place: &Place) -> String {
        let many = if place.depth == 0 { 2 + self.below(4) } else { 1 + self.below(2) };
        (0..many).map(|_| self.task(place)).collect()
    }

    fn task(&mut self, place: &Place) -> String {
        let simple = place.depth >= 2;
        match self.below(if simple { 12 } else { 19 }) {
            0..=4 => self.act(place),
            5 => self.ask(place),
            6 => self.fact(place),
            7 => self.waited_for(place),
            8 => self.in_background(place),
            9 => self.until(place),
            10 => self.of_the_engine(),
            11 => self.ignored(place),
            12..=14 => self.block(place),
            15..=16 => self.include(place),
            17 => self.include_of_a_role(place),
            _ => self.group(place),
        }
    }

    fn name(&mut self, letter: &str, place: &Place) -> String {
        format!("{letter}{}{}", self.next(), place.around)
    }

    /// A step that acts, with some keywords.
    fn act(&mut self, place: &Place) -> String {
        let name = self.name("T", place);
        let mut more = String::new();
        let looped = self.one_in(4);
        if self.one_in(3) {
            let word = ["one", "two", "word", "[one, word]"][self.below(4)];
            more.push_str(&format!("  notify: {word}\n"));
        }
        if self.one_in(4) {
            let when = ["true", "false", "inventory_hostname != \"h2\"", "inventory_hostname == \"h3\""];
            more.push_str(&format!("  when: {}\n", when[self.below(4)]));
        } else if self.one_in(6) && !self.apart {
            more.push_str("  run_once: true\n");
        }
        if self.one_in(6) {
            more.push_str(&format!("  delegate_to: {}\n", HOSTS[self.below(3)]));
        }
        if self.one_in(6) {
            more.push_str("  effect: { destroys: something }\n");
        }
        if looped {
            more.push_str("  loop: ['0', '1', '2']\n");
        }
        let trace = if looped { format!("{name}#{{{{ item }}}}") } else { name.clone() };
        format!("- name: '{name}'\n  shell: '{}'\n{more}", line(&trace))
    }

    fn trace_of(&mut self, what: &str, place: &Place) -> String {
        let name = self.name("T", place);
        format!("- name: '{name}'\n  shell: '{}'\n", line(&format!("{name} {what}")))
    }

    /// A step that only looks, and one that needs what it found.
    fn ask(&mut self, place: &Place) -> String {
        let value = format!("r{}", self.next());
        let (looped, found) = match self.one_in(3) {
            true => (
                "  loop: [a, b]\n",
                format!(
                    "{{{{ ({value}.results | default([])) | map(attribute=\"stdout\") | join(\"+\") }}}}"
                ),
            ),
            false => ("", format!("{{{{ {value}.stdout | default(\"none\") }}}}")),
        };
        let item = if looped.is_empty() { "" } else { "-{{ item }}" };
        let asked = format!(
            "- shell: 'echo {{{{ inventory_hostname }}}}-{value}{item}{}'\n  register: {value}\n  effect: reads\n{looped}",
            place.around
        );
        self.known.push(
            found
                .clone()
                .replace(&format!("{value}.stdout"), &format!("({value} | default({{}})).stdout"))
                .replace(&format!("({value}.results"), &format!("(({value} | default({{}})).results")),
        );
        asked + &self.trace_of(&found, place)
    }

    fn fact(&mut self, place: &Place) -> String {
        let name = format!("f{}", self.next());
        let value = format!("{name}-{{{{ inventory_hostname }}}}{}", place.around);
        let first = match self.below(3) {
            0 => format!("- set_fact: {{ {name}: '{value}' }}\n"),
            1 => format!(
                "- set_fact: {{ {name}: '{{{{ {name} | default(\"\") }}}}{{{{ item }}}}' }}\n  loop: [x, y]\n"
            ),
            _ => format!("- include_vars: {{ file: '{{{{ playbook_dir }}}}/given.yml', name: {name} }}\n"),
        };
        self.known.push(format!("{{{{ {name} | default(\"none\") }}}}"));
        let mut text = first + &self.trace_of(&format!("{{{{ {name} }}}}"), place);
        if !self.apart && self.one_in(2) {
            let other = HOSTS[self.below(3)];
            text += &self
                .trace_of(&format!("{{{{ hostvars[\"{other}\"][\"{name}\"] | default(\"none\") }}}}"), place);
        }
        text
    }

    /// A job that is waited for, whose output is used.
    fn waited_for(&mut self, place: &Place) -> String {
        let (name, value) = (self.name("J", place), format!("r{}", self.next()));
        let job = format!(
            "- name: '{name}'\n  shell: '{}; echo said-{value}'\n  async: 100\n  poll: 1\n  register: {value}\n",
            line(&name)
        );
        job + &self.trace_of(&format!("{{{{ {value}.stdout }}}}"), place)
    }

    /// A job in the background. Its line stands in a log of its own: nothing says when it comes.
    fn in_background(&mut self, place: &Place) -> String {
        let (name, value) = (self.name("J", place), format!("r{}", self.next()));
        let aside = line(&name).replace("/log.", "/aside.");
        format!(
            "- name: '{name}'\n  shell: '{aside}; echo said-{value}'\n  async: 100\n  poll: 0\n  register: {value}\n{}\
             - async_status: {{ jid: '{{{{ {value}.ansible_job_id }}}}' }}\n  register: {value}\n  until: {value} is \
             finished\n  retries: 200\n  delay: 0.1\n{}",
            self.act(place),
            self.trace_of(&format!("{{{{ {value}.stdout }}}}"), place)
        )
    }

    fn until(&mut self, place: &Place) -> String {
        let value = format!("r{}", self.next());
        let asked = format!(
            "- shell: echo {value}\n  register: {value}\n  effect: reads\n  until: {value}.attempts is not defined or \
             {value}.attempts > 1\n  retries: 3\n  delay: 0\n"
        );
        asked + &self.trace_of(&format!("{{{{ {value}.stdout }}}}"), place)
    }

    fn of_the_engine(&mut self) -> String {
        [
            "- meta: flush_handlers\n",
            "- pause: { seconds: 0 }\n",
            "- debug: { msg: word }\n",
            "- assert: { that: true }\n",
        ][self.below(4)]
        .to_owned()
    }

    /// A failure that nobody minds.
    fn ignored(&mut self, place: &Place) -> String {
        let (name, value) = (self.name("F", place), format!("r{}", self.next()));
        let failing = format!(
            "- name: '{name}'\n  shell: '{}; exit 3'\n  ignore_errors: true\n  register: {value}\n",
            line(&name)
        );
        failing + &self.trace_of(&format!("{{{{ {value} is failed }}}}"), place)
    }

    fn block(&mut self, place: &Place) -> String {
        let inner = deeper(place);
        let (mut body, mut rescue, mut always) = (self.tasks(&inner), String::new(), String::new());
        if self.one_in(2) {
            let name = self.name("F", place);
            let when = if self.one_in(2) { "  when: inventory_hostname != \"h1\"\n" } else { "" };
            body += &format!("- name: '{name}'\n  shell: '{}; exit 1'\n{when}", line(&name));
            body += &self.tasks(&inner);
            rescue = self.tasks(&inner);
            rescue += &self.trace_of("{{ ansible_failed_task.name }}", place);
        }
        if self.one_in(2) {
            always = self.tasks(&inner);
        }
        let mut text = format!("- block:\n{}", indent(&body, 4));
        for (key, tasks) in [("rescue", rescue), ("always", always)] {
            if !tasks.is_empty() {
                text += &format!("  {key}:\n{}", indent(&tasks, 4));
            }
        }
        text
    }

    fn include(&mut self, place: &Place) -> String {
        match self.below(3) {
            0 => format!("- import_tasks: {}\n", self.file_of_tasks(place)),
            1 => format!("- include_tasks: {}\n", self.file_of_tasks(place)),
            _ => {
                let var = format!("v{}", self.next());
                let inside = Place { around: format!("{} {{{{ {var} }}}}", place.around), ..place.clone() };
                let file = self.file_of_tasks(&inside);
                let items = ["[a, b]", "['{{ inventory_hostname }}', c]"][self.below(2)];
                format!(
                    "- include_tasks: '{{{{ playbook_dir }}}}/{file}'\n  loop: {items}\n  loop_control: {{ loop_var: {var} }}\n"
                )
            }
        }
    }

    fn include_of_a_role(&mut self, place: &Place) -> String {
        let word = ["import_role", "include_role"][self.below(2)];
        let role = self.role(place);
        let name = self.name("T", place);
        format!(
            "- {word}: {{ name: {role} }}\n- name: '{name}'\n  shell: '{}'\n  notify: of-{role}\n",
            line(&name)
        )
    }

    fn group(&mut self, place: &Place) -> String {
        let group = format!("g{}", self.next());
        // Only the first host that adds one changes something, and nobody can say which that is.
        let first = match self.below(2) {
            0 => format!("- group_by: {{ key: '{group}_{{{{ inventory_hostname }}}}' }}\n"),
            _ => format!(
                "- add_host: {{ name: new{group}, groups: {group}, mark: '{{{{ inventory_hostname }}}}' }}\n  changed_when: false\n"
            ),
        };
        // Which groups there are depends on how far other hosts are.
        first
            + &self.trace_of(
                &format!("{{{{ group_names | select(\"match\", \"{group}\") | sort | join(\"+\") }}}}"),
                place,
            )
    }
}
