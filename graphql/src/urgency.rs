//! What may wait when more is asked than can be answered: told from the fields at an operation's root,
//! before anything runs.

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};

/// How much is lost when a request is told to come back; what is lost most comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Lists, settings, files: whoever asks asks again.
    Rest,
    /// Sends a code, a link or a notice: a user waits a little longer, and the provider less is asked.
    Send,
    /// Begins a login: its user stands before the door.
    Decide,
    /// Proves a login whose code was sent and is known to the user, or takes away access that somebody must not have.
    Prove,
}

const PROVE: [&str; 8] = [
    "verifyChallenge",
    "confirmFactor",
    "redeemPromptResult",
    "lockUser",
    "revokeApiKey",
    "revokeTemporaryAccessCode",
    "forgetDevices",
    "endAdminSessions",
];
const DECIDE: [&str; 3] = ["evaluateLogin", "createPromptSession", "skipEnrollment"];
const SEND: [&str; 10] = [
    "startChallenge",
    "enrollPhone",
    "enrollEmail",
    "enrollTotp",
    "enrollPasskey",
    "sendFactorCode",
    "sendOneTimeLink",
    "requestTemporaryAccess",
    "approveTemporaryAccessRequest",
    "issueTemporaryAccessCode",
];

impl Urgency {
    /// That of an operation: of the least urgent of its fields, so that nothing gets in beside something urgent.
    pub(crate) fn of(document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        if operation.ty != OperationType::Mutation {
            return Self::Rest;
        }
        least(document, &operation.selection_set.node).unwrap_or(Self::Rest)
    }

    fn of_field(field: &Field) -> Self {
        let name = field.name.node.as_str();
        let classes = [(&PROVE[..], Self::Prove), (&DECIDE[..], Self::Decide), (&SEND[..], Self::Send)];
        classes.into_iter().find(|(names, _)| names.contains(&name)).map_or(Self::Rest, |(_, urgency)| urgency)
    }
}

/// The least of the fields of a set, those of its fragments included. Fragments are known not to contain themselves.
fn least(document: &ExecutableDocument, set: &SelectionSet) -> Option<Urgency> {
    let of_item = |item: &Selection| match item {
        Selection::Field(field) => Some(Urgency::of_field(&field.node)),
        Selection::InlineFragment(inline) => least(document, &inline.node.selection_set.node),
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node)?;
            least(document, &fragment.node.selection_set.node)
        }
    };
    set.items.iter().filter_map(|item| of_item(&item.node)).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    fn of(query: &str) -> Urgency {
        let document = parse_query(query).unwrap();
        let operation = document.operations.iter().next().unwrap().1;
        Urgency::of(&document, &operation.node)
    }

    #[test]
    fn a_login_is_more_urgent_the_nearer_it_is_to_its_end() {
        let order =
            ["{ tenant }", "mutation { startChallenge }", "mutation { evaluateLogin }", "mutation { verifyChallenge }"];
        let urgencies = order.map(of);
        assert_eq!(urgencies, [Urgency::Rest, Urgency::Send, Urgency::Decide, Urgency::Prove]);
        assert!(urgencies.is_sorted());
    }

    #[test]
    fn nothing_gets_in_beside_something_urgent() {
        for query in [
            "mutation { verifyChallenge importUsers }",
            "mutation { verifyChallenge ... { publishPolicy } }",
            "mutation { verifyChallenge ...A } fragment A on Mutation { ...B } fragment B on Mutation { deleteUser }",
            "mutation { verifyChallenge: createTenant }",
            "query { verifyChallenge }",
            "mutation { ...Nowhere }",
        ] {
            assert_eq!(of(query), Urgency::Rest, "{query}");
        }
        assert_eq!(of("mutation { a: evaluateLogin b: startChallenge }"), Urgency::Send);
        assert_eq!(
            of("mutation { importUsers: verifyChallenge ...A } fragment A on Mutation { lockUser }"),
            Urgency::Prove
        );
    }

    #[test]
    fn every_name_is_a_mutation_of_the_schema() {
        let sdl = crate::print_schema();
        let mutations = sdl.split_once("type Mutation {").unwrap().1.split_once("\n}").unwrap().0;
        for name in PROVE.iter().chain(&DECIDE).chain(&SEND) {
            let field = format!("{name}(");
            assert!(mutations.lines().any(|line| line.trim_start().starts_with(&field)), "{name}");
        }
    }
}
