//! Scopes and roles, and sets of them.

/// What an API key may be used for; the names are those of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ApiScope {
    /// The login path, and under a login the user's own changes.
    Login,
    /// Users and first enrollments.
    Users,
    /// The help desk.
    Support,
    /// Policies, settings, the sandbox's clock.
    Policy,
    /// Reads everything but secrets.
    Read,
    /// Partner keys only: creates tenants, and keys and administrators within them.
    Tenants,
}

impl ApiScope {
    /// All of them, in the order of the API.
    pub const ALL: [Self; 6] = [Self::Login, Self::Users, Self::Support, Self::Policy, Self::Read, Self::Tenants];

    /// The API's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "LOGIN",
            Self::Users => "USERS",
            Self::Support => "SUPPORT",
            Self::Policy => "POLICY",
            Self::Read => "READ",
            Self::Tenants => "TENANTS",
        }
    }

    /// The scope of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// An administrator's role in a tenant; the names are those of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AdminRole {
    /// Everything, billing and administrators included.
    Owner,
    /// Policy, users, integrations.
    Admin,
    /// All users and their factors.
    Support,
    /// The users assigned to them, and no others.
    Advisor,
    /// The bill.
    Billing,
    /// Reads everything but secrets.
    Auditor,
}

impl AdminRole {
    /// All of them, in the order of the API.
    pub const ALL: [Self; 6] = [Self::Owner, Self::Admin, Self::Support, Self::Advisor, Self::Billing, Self::Auditor];

    /// The API's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Admin => "ADMIN",
            Self::Support => "SUPPORT",
            Self::Advisor => "ADVISOR",
            Self::Billing => "BILLING",
            Self::Auditor => "AUDITOR",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

macro_rules! small_set {
    ($(#[$doc:meta])* $set:ident of $item:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $set(u8);

        impl $set {
            /// The empty set.
            pub const NONE: Self = Self(0);

            /// The set of these.
            #[must_use]
            pub const fn of(items: &[$item]) -> Self {
                let mut bits = 0;
                let mut index = 0;
                while index < items.len() {
                    bits |= 1 << items[index] as u8;
                    index += 1;
                }
                Self(bits)
            }

            /// Whether nothing is in it.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// The same without `item`.
            #[must_use]
            pub const fn without(self, item: $item) -> Self {
                Self(self.0 & !(1 << item as u8))
            }

            /// Whether `item` is in it.
            #[must_use]
            pub const fn contains(self, item: $item) -> bool {
                self.0 & (1 << item as u8) != 0
            }

            /// Whether the two have an element in common.
            #[must_use]
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Whether every element is also in `other`.
            #[must_use]
            pub const fn is_subset_of(self, other: Self) -> bool {
                self.0 & !other.0 == 0
            }

            /// The elements, in the order of the API.
            pub fn iter(self) -> impl Iterator<Item = $item> {
                $item::ALL.into_iter().filter(move |item| self.contains(*item))
            }
        }

        impl FromIterator<$item> for $set {
            fn from_iter<I: IntoIterator<Item = $item>>(items: I) -> Self {
                Self(items.into_iter().fold(0, |bits, item| bits | (1 << item as u8)))
            }
        }
    };
}

small_set! {
    /// A set of scopes.
    ScopeSet of ApiScope
}
small_set! {
    /// A set of roles.
    RoleSet of AdminRole
}
