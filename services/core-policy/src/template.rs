//! A template that others' policies follow: some of its fields are locked, the rest are free.
//!
//! A locked field holds whatever else a policy says; a free one is where a new tenant starts from and
//! its own afterwards. So *drift* is a difference in locked fields and in no others, and a tenant that
//! was aligned has none.

use crate::fields::PAIRS;
use crate::{POLICY_FIELDS, Policy, PolicyField};

/// Which fields a template locks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LockedFields {
    names: Vec<String>,
    fields: Vec<PolicyField>,
}

/// A policy that was brought to a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aligned {
    /// The policy as it is now.
    pub policy: Policy,
    /// What was changed, in the order of `PolicyInput`.
    pub changed: Vec<PolicyField>,
}

impl LockedFields {
    /// Reads paths into `PolicyInput`; a path to a group, such as `external` or `codes`, locks all of
    /// it.
    ///
    /// # Errors
    /// The places of names that are no path, in exactly the API's spelling: a name that locked nothing
    /// would be believed to lock something. And of those that were named before.
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self, Vec<usize>> {
        let mut locked = Self::default();
        let mut faults = Vec::new();
        for (place, name) in names.iter().map(AsRef::as_ref).enumerate() {
            let fields = PolicyField::at_or_below(name);
            if fields.is_empty() || locked.names.iter().any(|known| known == name) {
                faults.push(place);
                continue;
            }
            locked.names.push(name.to_owned());
            locked.fields.extend(fields.into_iter().filter(|field| !locked.fields.contains(field)).collect::<Vec<_>>());
        }
        if faults.is_empty() { Ok(locked) } else { Err(faults) }
    }

    /// The paths as they were given.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether nothing is locked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether this field is locked.
    #[must_use]
    pub fn contains(&self, field: PolicyField) -> bool {
        self.fields.contains(&field)
    }

    /// The locked fields in which a policy differs from the template, in the order of `PolicyInput`.
    #[must_use]
    pub fn drift(&self, policy: &Policy, template: &Policy) -> Vec<PolicyField> {
        differing(policy, template).into_iter().filter(|field| self.contains(*field)).collect()
    }

    /// The locked fields that `next` may not have as it has them: neither as the template says, nor as
    /// they were before. What differed already may stay until the template reaches this policy.
    #[must_use]
    pub fn breaches(&self, next: &Policy, template: &Policy, before: Option<&Policy>) -> Vec<PolicyField> {
        let changed = |field: &PolicyField| before.is_none_or(|before| field.differs(next, before));
        self.drift(next, template).into_iter().filter(changed).collect()
    }

    /// Brings a policy to the template: locked fields are set, free ones kept. Only where a free one
    /// cannot stand beside a locked one (a default level below the minimum) does it follow too.
    #[must_use]
    pub fn align(&self, policy: &Policy, template: &Policy) -> Aligned {
        let mut aligned = policy.clone();
        for field in &self.fields {
            field.copy(template, &mut aligned);
        }
        for pair in PAIRS.iter().filter(|pair| (pair.clash)(&aligned)).collect::<Vec<_>>() {
            for field in pair.fields.iter().filter_map(|path| PolicyField::at(path)) {
                field.copy(template, &mut aligned);
            }
        }
        let changed = differing(policy, &aligned);
        Aligned { policy: aligned, changed }
    }
}

/// The fields in which two policies differ, in the order of `PolicyInput`.
#[must_use]
pub fn differing(one: &Policy, other: &Policy) -> Vec<PolicyField> {
    POLICY_FIELDS.iter().copied().filter(|field| field.differs(one, other)).collect()
}
