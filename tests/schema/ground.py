"""A tenant with something in it, and a key for each scope: so that what is asked at random also meets what is there."""

import json
import re
import urllib.request
from dataclasses import dataclass
from urllib.error import HTTPError

SCOPES = ("LOGIN", "USERS", "SUPPORT", "POLICY", "READ")
MAKE_KEY = """mutation ($i: CreateApiKeyInput!) {
    createApiKey(input: $i) { secret userErrors { code message } } }"""
MAKE_USER = """mutation ($i: UpsertUserInput!) {
    upsertUser(input: $i) { user { id externalId } userErrors { code message } } }"""
EVALUATE = """mutation ($i: EvaluateLoginInput!) {
    evaluateLogin(input: $i) { login { id } userErrors { code message } } }"""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    kind: str
    text: str

    def json(self) -> dict:
        return json.loads(self.text)


def post(url: str, key: str, query: str) -> Answer:
    """A document as it is, with whatever status it is answered."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    request = urllib.request.Request(f"{url}/graphql", json.dumps({"query": query}).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return Answer(response.status, response.headers["content-type"], response.read().decode())
    except HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.headers["content-type"], refused.read().decode())


def keys(tenant) -> dict[str, str]:
    """A key of the tenant for each scope, and one without any tenant: that of nobody."""
    made = {}
    for scope in SCOPES:
        payload = tenant.graphql(MAKE_KEY, {"i": {"name": scope, "scopes": [scope]}})["createApiKey"]
        assert not payload["userErrors"], payload
        made[scope] = payload["secret"]
    return made | {"nobody": "pk_of_nobody"}


def identifiers(tenant) -> list[str]:
    """Of a user and a login, in every form in which one is asked for."""
    user = tenant.graphql(MAKE_USER, {"i": {"externalId": "ann", "kind": "EXTERNAL"}})["upsertUser"]["user"]
    given = {"user": {"externalId": "ann"}, "firstFactor": "PASSWORD", "ipAddress": "198.51.100.7"}
    login = tenant.graphql(EVALUATE, {"i": given})["evaluateLogin"]["login"]
    return [tenant.id, user["id"], login["id"], "ann"]


_IDENTIFIER = re.compile(r'\b(id|\w*Id): (?:"[^"\\]*"|-?\d+)')


def with_identifiers(query: str, known: list[str], number: int) -> str:
    """The same document with identifiers that exist, in every other one."""
    if number % 2:
        return query
    return _IDENTIFIER.sub(lambda found: f"{found[1]}: {json.dumps(known[number % len(known)])}", query)
