//! What playbooks call a job. Its key on the host begins with the run's name, which locks look for; its id has a letter in
//! front, because Ansible's ids begin with one and scripts look for it.

/// Returns the id that `ansible_job_id` holds for a job's key.
pub fn id_of(key: &str) -> String {
    format!("j{key}")
}

/// Returns the key of a job by its id; a key stands for itself, for names of runs begin with a digit or are hexadecimal.
pub fn key_of(id: &str) -> &str {
    id.strip_prefix('j').unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_key() {
        assert_eq!(key_of(&id_of("6b0acb6d-6.0.web1.2.0.0")), "6b0acb6d-6.0.web1.2.0.0");
        assert_eq!(key_of("6b0acb6d-6.0.web1.2.0.0"), "6b0acb6d-6.0.web1.2.0.0");
    }
}
