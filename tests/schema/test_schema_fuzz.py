"""What the schema allows, asked at random (schemathesis), with a key of each scope.

Whatever is asked, the answer is one of GraphQL: never a 5xx, never a fault of ours (INTERNAL), and nothing of how
the server is made. Seeded: the same documents each time. POSTERN_FUZZ_EXAMPLES says how many of each operation,
POSTERN_FUZZ_SEED which.
"""

import os
import re
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scim"))

from ground import Answer, identifiers, keys, post, with_identifiers  # noqa: E402
from server import ROOT, Server  # noqa: E402

EXAMPLES = int(os.environ.get("POSTERN_FUZZ_EXAMPLES", "8"))
TRIES = 5
SEED = int(os.environ.get("POSTERN_FUZZ_SEED", "1"))

# What a scalar of ours may be, and what it may not.
SCALARS = {
    "Cidr": ["203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32", "1.2.3.4/0", "x"],
    "CountryCode": ["US", "us", "XX", "USA", ""],
    "CurrencyCode": ["USD", "EUR", "XXX", "$"],
    "DateTime": ["2026-03-01T12:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "now"],
    "Decimal": ["0", "12.50", "-1", "1e9", "99999999999999999999999999", "NaN"],
    "IpAddress": ["198.51.100.7", "::1", "::ffff:10.0.0.1", "fe80::1%eth0", "0x7f.1"],
    "JSON": ["{}", "x"],
    "PhoneNumber": ["+14155550132", "+1", "+882123456", "+1900555\u0000", "tel:1"],
    "Upload": ["file"],
}
# Words that only the inside of the server knows.
INSIDE = re.compile(
    r"panicked|stack backtrace|RUST_BACKTRACE|\.rs:\d+|/src/|sqlx|tokio|"
    r"\bSELECT\b.*\bFROM\b|\bINSERT INTO\b|row-level security|violates \w+ constraint|relation \"|pg_catalog|postern_cross|SQLSTATE"
)


def scalars() -> None:
    for name, values in SCALARS.items():
        schemathesis.graphql.scalar(name, st.sampled_from(values).map(nodes.String))


def documents() -> list[str]:
    """Documents of every operation, the same for the same seed."""
    scalars()
    schema = schemathesis.graphql.from_path(ROOT / "graphql/schema.graphql")
    made: list[str] = []

    for operation in (result.ok() for result in schema.get_all_operations()):

        @seed(SEED)
        @settings(max_examples=EXAMPLES, phases=[Phase.generate], deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy())
        def draw(case) -> None:
            made.append(case.body)

        draw()
    return made


def complaints(answer: Answer) -> list[str]:
    """What is wrong with an answer, whatever was asked."""
    if answer.status >= 500:
        return [f"status {answer.status}"]
    if inside := INSIDE.search(answer.text):
        return [f"tells of the inside: {inside[0]}"]
    try:
        body = answer.json()
    except ValueError:
        return ["not JSON"]
    return shape(body) if isinstance(body, dict) else ["no object"]


def shape(body: dict) -> list[str]:
    """As the specification of GraphQL has it (§7.1)."""
    found = [f"an unknown member {name}" for name in body.keys() - {"data", "errors", "extensions"}]
    errors = body.get("errors")
    if errors is None:
        return found + ([] if isinstance(body.get("data"), dict) else ["neither data nor errors"])
    if not isinstance(errors, list) or not errors:
        return [*found, "errors is no list, or an empty one"]
    for error in errors:
        if not isinstance(error.get("message"), str) or not error["message"]:
            found.append(f"an error without a message: {error}")
        if error.get("extensions", {}).get("code") in (None, "INTERNAL", "UNAVAILABLE"):
            found.append(f"a fault of ours, or one without a code: {error}")
    return found


class SchemaFuzz(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.documents = documents()
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)
        tenant = cls.server.tenant()
        cls.keys, cls.known, cls.ran = keys(tenant), identifiers(tenant), []

    def ask(self, scope: str, number: int, document: str) -> str | None:
        query = with_identifiers(document, self.known, number)
        # A machine that is busy elsewhere may say "try again"; whoever hears it for good has found something.
        for _ in range(TRIES):
            answer = post(self.server.facts["url"], self.keys[scope], query)
            if '"UNAVAILABLE"' not in answer.text:
                break
        found = complaints(answer)
        self.ran.append('"data":{' in answer.text)
        return f"{scope}: {found}\n{query}\n{answer.text[:400]}" if found else None

    def test_every_operation_with_a_key_of_each_scope(self) -> None:
        self.assertGreaterEqual(len(self.documents), 60 * EXAMPLES)
        with ThreadPoolExecutor(4) as pool:
            for scope in self.keys:
                asked = pool.map(self.ask, [scope] * len(self.documents), range(len(self.documents)), self.documents)
                found = [complaint for complaint in asked if complaint]
                self.assertEqual(found, [], "\n\n".join(found[:5]))
        # Documents that validation refuses would test the validation alone.
        self.assertGreater(sum(self.ran), len(self.documents) // 2, "most of what is asked is refused unread")
        print(f"{len(self.documents)} documents with {len(self.keys)} keys, {sum(self.ran)} of them run")

    def test_broken_documents_are_refused_as_graphql_has_it(self) -> None:
        for number, document in enumerate(self.documents[:: max(1, len(self.documents) // 60)]):
            middle = len(document) // 2
            for broken in (document[:middle], document[middle:], document.replace("{", "{{", 1), document + "\x00", document * 3):
                answer = post(self.server.facts["url"], self.keys["READ"], broken)
                self.assertEqual(complaints(answer), [], f"{number}\n{broken}\n{answer.text[:400]}")


class TheCheckItself(unittest.TestCase):
    def test_what_is_wrong_is_found(self) -> None:
        for status, text in (
            (500, "{}"),
            (200, "<html>"),
            (200, "[]"),
            (200, "{}"),
            (200, '{"data": null, "errors": []}'),
            (200, '{"data": {}, "debug": 1}'),
            (200, '{"errors": [{"message": "x"}]}'),
            (200, '{"errors": [{"message": "x", "extensions": {"code": "INTERNAL"}}]}'),
            (200, '{"data": {"a": "thread panicked at services/app/src/main.rs:1"}}'),
            (200, '{"data": {"a": "SELECT 1 FROM tenant"}}'),
        ):
            self.assertNotEqual(complaints(Answer(status, "application/json", text)), [], text)
        fine = Answer(200, "application/json", '{"data": {"a": null}, "errors": [{"message": "No.", "extensions": {"code": "FORBIDDEN"}}]}')
        self.assertEqual(complaints(fine), [])


if __name__ == "__main__":
    unittest.main()
