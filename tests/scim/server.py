"""A running Postern for tests: `postern dev` on free ports, in a folder of its own, or the one that
POSTERN_DEV_JSON describes; and a fresh tenant in it."""

import json
import os
import subprocess
import tempfile
import time
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A first start makes a database.
PATIENCE = 180.0


@dataclass(frozen=True)
class Tenant:
    """A tenant, by a key of the partner that owns it."""

    url: str
    id: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "X-Postern-Tenant": self.id}

    def graphql(self, query: str, variables: dict | None = None) -> dict:
        """What GraphQL answers within this tenant."""
        return ask(self.url, query, variables or {}, self.headers)


def ask(url: str, query: str, variables: dict, headers: dict[str, str]) -> dict:
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"Content-Type": "application/json", **headers}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/graphql", body, headers), timeout=30) as response:
        answer = json.load(response)
    assert "errors" not in answer, answer
    return answer["data"]


class Server:
    """The server, until `stop`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="postern-scim-")
        self._process = None
        given = os.environ.get("POSTERN_DEV_JSON")
        self.facts = json.loads(Path(given).read_text()) if given else self._start()

    def tenant(self) -> Tenant:
        """A tenant that nobody has used."""
        key, url = self.facts["partner"]["apiKey"], self.facts["url"]
        create = """mutation ($i: CreateTenantInput!) {
            createTenant(input: $i) { tenant { id } userErrors { code field message } } }"""
        slug = f"scim-{uuid.uuid4().hex[:20]}"
        given = {"slug": slug, "name": "Scim", "environment": "SANDBOX", "ownerEmail": f"owner@{slug}.example"}
        made = ask(url, create, {"i": given}, {"Authorization": f"Bearer {key}"})["createTenant"]
        assert not made["userErrors"], made
        return Tenant(url, made["tenant"]["id"], key)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=60)
        self._folder.cleanup()

    def _start(self) -> dict:
        folder = Path(self._folder.name)
        program = os.environ.get("POSTERN_BIN", str(ROOT / "target/debug/postern"))
        places = {"POSTERN_DATA_DIR": str(folder), "POSTERN_LISTEN": "127.0.0.1:0", "POSTERN_DEMO__LISTEN": "localhost:0"}
        # A slow machine is waited for.
        places["POSTERN_DATABASE__TIMEOUT_MS"] = "5000"
        with open(folder / "said", "wb") as said:
            self._process = subprocess.Popen(
                [program, "dev"], cwd=ROOT, env={**os.environ, **places}, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            try:
                return json.loads((folder / "dev.json").read_text())
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(0.1)
        said = (folder / "said").read_text(errors="replace")
        self._process.kill()
        raise RuntimeError(f"postern dev did not come up:\n{said}")
