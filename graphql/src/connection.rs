//! Relay connections, made from a service's [`Page`].
//!
//! To add one: `connection! { /// Doc. UserConnection, UserEdge of User; }`, with `counted` before the
//! semicolon where the contract has a `totalCount`; then
//! `UserConnection::of(page, |row| User::from(row))`, or `of_counted` with the count.

use async_graphql::{Context, SimpleObject};
use core_kernel::{Cursor, Fault, PageRequest};

/// Where a page stands within its list.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct PageInfo {
    /// Whether entries follow.
    pub has_next_page: bool,
    /// Whether the page began after a cursor.
    pub has_previous_page: bool,
    /// The first entry's cursor.
    pub start_cursor: Option<String>,
    /// The last entry's cursor: pass it as `after` to get the next page.
    pub end_cursor: Option<String>,
}

impl PageInfo {
    /// Of a page with these cursors.
    pub fn of<'a>(
        has_next: bool,
        has_previous: bool,
        mut cursors: impl DoubleEndedIterator<Item = &'a Cursor>,
    ) -> Self {
        let first = cursors.next();
        let last = cursors.next_back().or(first);
        Self {
            has_next_page: has_next,
            has_previous_page: has_previous,
            start_cursor: first.map(|cursor| cursor.0.clone()),
            end_cursor: last.map(|cursor| cursor.0.clone()),
        }
    }
}

/// The page that a list's arguments ask for.
///
/// # Errors
/// BAD_REQUEST for a size out of range or a cursor of another list.
pub fn page_request(first: i32, after: Option<String>) -> Result<PageRequest, Fault> {
    PageRequest::new(first, after)
        .map_err(|refusal| Fault::BadRequest(format!("{}: {}", refusal.field.join("."), refusal.message)))
}

/// Whether the query asks for this field of what is being resolved: a total that nobody reads need not be counted.
#[must_use]
pub fn wants(ctx: &Context<'_>, field: &str) -> bool {
    ctx.look_ahead().field(field).exists()
}

/// Declares connections and their edges.
macro_rules! connection {
    ($($(#[$doc:meta])* $connection:ident, $edge:ident of $node:ty $(, $counted:ident)?;)*) => {
        $($crate::connection::connection!(@one $(#[$doc])* $connection $edge [$node] $($counted)?);)*
    };
    (@edge $edge:ident [$node:ty]) => {
        /// An entry and its cursor.
        #[derive(::async_graphql::SimpleObject)]
        pub struct $edge {
            /// The entry's place in the list.
            pub cursor: String,
            /// The entry.
            pub node: $node,
        }

        impl $edge {
            fn list<R>(
                rows: Vec<(::core_kernel::Cursor, R)>,
                mut map: impl FnMut(R) -> $node,
            ) -> Vec<Self> {
                rows.into_iter().map(|(cursor, row)| Self { cursor: cursor.0, node: map(row) }).collect()
            }
        }
    };
    (@one $(#[$doc:meta])* $connection:ident $edge:ident [$node:ty] counted) => {
        $crate::connection::connection!(@edge $edge [$node]);

        $(#[$doc])*
        #[derive(::async_graphql::SimpleObject)]
        pub struct $connection {
            /// The page's entries.
            pub edges: Vec<$edge>,
            /// Where the page stands.
            pub page_info: $crate::connection::PageInfo,
            /// How many entries the whole list has.
            pub total_count: i32,
        }

        impl $connection {
            /// Of a service's page; `total` is the length of the whole list.
            pub fn of_counted<R>(page: ::core_kernel::Page<R>, total: i64, map: impl FnMut(R) -> $node) -> Self {
                let page_info = $crate::connection::PageInfo::of(
                    page.has_next, page.has_previous, page.rows.iter().map(|(cursor, _)| cursor));
                let total_count = i32::try_from(total).unwrap_or(i32::MAX);
                Self { edges: $edge::list(page.rows, map), page_info, total_count }
            }
        }
    };
    (@one $(#[$doc:meta])* $connection:ident $edge:ident [$node:ty]) => {
        $crate::connection::connection!(@edge $edge [$node]);

        $(#[$doc])*
        #[derive(::async_graphql::SimpleObject)]
        pub struct $connection {
            /// The page's entries.
            pub edges: Vec<$edge>,
            /// Where the page stands.
            pub page_info: $crate::connection::PageInfo,
        }

        impl $connection {
            /// Of a service's page.
            pub fn of<R>(page: ::core_kernel::Page<R>, map: impl FnMut(R) -> $node) -> Self {
                let page_info = $crate::connection::PageInfo::of(
                    page.has_next, page.has_previous, page.rows.iter().map(|(cursor, _)| cursor));
                Self { edges: $edge::list(page.rows, map), page_info }
            }
        }
    };
}
pub(crate) use connection;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_one_begins_and_ends_with_it() {
        let cursor = Cursor("a".into());
        let info = PageInfo::of(false, true, [cursor].iter());
        assert_eq!((info.start_cursor.as_deref(), info.end_cursor.as_deref()), (Some("a"), Some("a")));
        let info = PageInfo::of(true, false, [Cursor("a".into()), Cursor("b".into()), Cursor("c".into())].iter());
        assert_eq!((info.start_cursor.as_deref(), info.end_cursor.as_deref()), (Some("a"), Some("c")));
        assert_eq!(PageInfo::of(false, false, [].iter()).end_cursor, None);
    }

    #[test]
    fn a_page_out_of_range_is_a_bad_request() {
        assert!(matches!(page_request(101, None), Err(Fault::BadRequest(_))));
        assert!(matches!(page_request(-1, None), Err(Fault::BadRequest(_))));
        assert!(matches!(page_request(1, Some("%".into())), Err(Fault::BadRequest(_))));
        assert_eq!(page_request(0, None).unwrap().first, 0);
    }
}
