use super::*;
use core_crypto::KeyRing;
use core_kernel::SeededEntropy;
use sqlx::Execute as _;
use uuid::Uuid;

const HOSTILE: &str = "x' or '1'='1'; drop table tenant_user; --";

fn sql(predicate: &UserPredicate) -> String {
    let ring = KeyRing::generate(&SeededEntropy::new(1));
    let mut query: QueryBuilder<Postgres> = QueryBuilder::new("");
    Condition { predicate, tenant: TenantId(Uuid::from_u128(1)), ring: &ring }.write(&mut query);
    query.build().sql().as_str().to_owned()
}

fn name(test: TextTest) -> UserPredicate {
    UserPredicate::Test(UserTest::Text(TextField::UserName, test))
}

#[test]
fn a_tree_becomes_sql_with_its_grouping() {
    let (a, b) = (name(TextTest::Equals("a".into())), UserPredicate::Test(UserTest::Active(true)));
    let any = UserPredicate::Any(vec![a.clone(), b.clone()]);
    let all = UserPredicate::All(vec![any, UserPredicate::Not(Box::new(b))]);
    assert_eq!(sql(&all), "((u.external_id_folded = $1 or u.disabled = $2) and (u.disabled = $3) is not true)");
    assert_eq!(sql(&UserPredicate::All(Vec::new())), "(true)");
    assert_eq!(sql(&UserPredicate::Any(Vec::new())), "(false)");
}

#[test]
fn what_a_client_wrote_is_never_part_of_a_statement() {
    let text = || HOSTILE.to_owned();
    let less = std::cmp::Ordering::Less;
    for field in [TextField::UserName, TextField::DirectoryId, TextField::DisplayName, TextField::Language] {
        for test in [
            TextTest::Equals(text()),
            TextTest::Contains(text()),
            TextTest::Begins(text()),
            TextTest::Ends(text()),
            TextTest::Compares(less, text()),
        ] {
            let sql = sql(&UserPredicate::Test(UserTest::Text(field, test)));
            assert!(!sql.contains('\'') && !sql.contains("drop") && sql.contains("$1"), "{sql}");
        }
    }
    assert!(!sql(&UserPredicate::Test(UserTest::Email(text()))).contains('\''));
}

#[test]
fn wildcards_mean_themselves() {
    assert_eq!(escaped("100%_\\"), "100\\%\\_\\\\");
}

#[test]
fn texts_are_compared_as_their_attribute_is() {
    assert_eq!(TextField::UserName.fold("ＡＮＮ "), "ann");
    assert_eq!(TextField::DirectoryId.fold("Ann"), "Ann", "the directory's key is exact");
    assert_eq!(TextField::DisplayName.fold("Ann\0"), "ann\u{FFFD}");
}

#[test]
fn what_an_index_finds_is_cheap() {
    let by_name = || name(TextTest::Equals("a".into()));
    let active = || UserPredicate::Test(UserTest::Active(true));
    assert!(by_name().is_indexed());
    assert!(UserPredicate::All(vec![active(), by_name()]).is_indexed());
    assert!(UserPredicate::Any(vec![by_name(), by_name()]).is_indexed());
    assert!(!UserPredicate::Any(vec![by_name(), active()]).is_indexed());
    assert!(!UserPredicate::Not(Box::new(by_name())).is_indexed());
    assert!(!name(TextTest::Contains("a".into())).is_indexed());
    assert!(!UserPredicate::All(Vec::new()).is_indexed());
}
