"""An independent SCIM client (scim2-client) over nothing but the standard library's HTTP."""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from scim2_client import BaseSyncSCIMClient

from server import Tenant


@dataclass(frozen=True)
class Response:
    """What the library reads of an answer."""

    status_code: int
    headers: Any
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


class Client(BaseSyncSCIMClient):
    """Sends what the library prepares to one tenant's `/scim/v2`."""

    def __init__(self, tenant: Tenant, **more: Any) -> None:
        super().__init__(**more)
        self._base = f"{tenant.url}/scim/v2"
        self._headers = tenant.headers

    def request(self, method: str, url: str, **more: Any) -> Response:
        address = url if url.startswith("http") else f"{self._base}/{url.lstrip('/')}"
        if more.get("params"):
            address += "?" + urllib.parse.urlencode(more["params"])
        body = json.dumps(more["json"]).encode() if more.get("json") is not None else None
        headers = {**self._headers, "Accept": "application/scim+json", **more.get("headers", {})}
        headers.setdefault("Content-Type", "application/scim+json")
        request = urllib.request.Request(address, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Response(response.status, response.headers, response.read().decode())
        except urllib.error.HTTPError as refused:
            with refused:
                return Response(refused.code, refused.headers, refused.read().decode())
