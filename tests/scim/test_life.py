"""A user's whole life by an independent client, which knows of the server only what it publishes."""

import unittest

from scim2_models import Error, PatchOp, PatchOperation, SearchRequest

from client import Client
from server import Server

EXTENSION = "urn:postern:params:scim:schemas:extension:2.0:User"
USER = "query ($n: String!) { user(ref: {externalId: $n}) { id kind displayName status factors { __typename } } }"


class Life(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)

    def setUp(self) -> None:
        self.tenant = self.server.tenant()
        self.client = Client(self.tenant)
        self.client.discover()
        self.User = self.client.get_resource_model("User")

    def patch(self, user, *operations):
        done = self.client.modify(self.User, user.id, PatchOp[self.User](operations=list(operations)))
        self.assertNotIsInstance(done, Error)
        return done

    def create(self, **attributes):
        return self.client.create(self.User(**attributes))

    def in_graphql(self, name: str) -> dict | None:
        return self.tenant.graphql(USER, {"n": name})["user"]

    def test_from_the_first_day_to_the_last(self) -> None:
        user = self.create(
            user_name="Ann@Example.com",
            external_id="00u1",
            name={"given_name": "Ann", "family_name": "Lee"},
            emails=[{"value": "ann@example.com", "type": "work", "primary": True}],
            phone_numbers=[{"value": "+14155550132", "type": "mobile"}],
            active=True,
        )
        self.assertTrue(user.id.startswith("user_"))
        self.assertEqual(user.meta.location, f"{self.tenant.url}/scim/v2/Users/{user.id}")
        seen = self.in_graphql("ann@example.com")
        self.assertEqual((seen["id"], seen["displayName"], seen["status"]), (user.id, "Ann Lee", "ACTIVE"))
        kinds = sorted(factor["__typename"] for factor in seen["factors"])
        self.assertEqual(kinds, ["EmailFactor", "PhoneFactor"], "suggested")

        found = self.client.query(self.User, search_request=SearchRequest(filter='userName eq "ANN@example.com"'))
        self.assertEqual([one.id for one in found.resources], [user.id])

        self.patch(user, PatchOperation(op="replace", path="name.familyName", value="Smith"))
        self.patch(user, PatchOperation(op="replace", path=f"{EXTENSION}:kind", value="INTERNAL"))
        seen = self.in_graphql("ann@example.com")
        self.assertEqual((seen["displayName"], seen["kind"]), ("Ann Smith", "INTERNAL"))

        off = self.patch(user, PatchOperation(op="replace", path="active", value=False))
        self.assertFalse(off.active)
        self.assertEqual(self.in_graphql("ann@example.com")["status"], "DISABLED")
        self.patch(user, PatchOperation(op="replace", path="active", value=True))
        self.assertEqual(self.in_graphql("ann@example.com")["status"], "ACTIVE")

        read = self.client.query(self.User, user.id)
        read.user_name = "ann.smith@example.com"
        renamed = self.client.replace(read)
        self.assertEqual((renamed.id, renamed.external_id), (user.id, "00u1"))
        self.assertIsNone(self.in_graphql("ann@example.com"))
        self.assertEqual(self.in_graphql("ann.smith@example.com")["id"], user.id)

        self.client.delete(self.User, user.id)
        gone = self.client.query(self.User, user.id, raise_scim_errors=False)
        self.assertEqual((type(gone), gone.status), (Error, 404))
        self.assertIsNone(self.in_graphql("ann.smith@example.com"))

    def test_a_login_is_asked_about_by_the_user_name(self) -> None:
        self.create(user_name="bob", active=False)
        evaluate = """mutation ($i: EvaluateLoginInput!) {
            evaluateLogin(input: $i) { login { outcome reasons } userErrors { code message } } }"""
        given = {"user": {"externalId": "BOB"}, "firstFactor": "PASSWORD", "ipAddress": "192.0.2.7"}
        login = self.tenant.graphql(evaluate, {"i": given})["evaluateLogin"]["login"]
        self.assertEqual((login["outcome"], login["reasons"]), ("DENY", ["USER_DISABLED"]))

    def test_tenants_of_one_partner_do_not_meet(self) -> None:
        mine = self.create(user_name="ann", active=True)
        other = Client(self.server.tenant())
        other.discover()
        self.assertEqual(other.query(other.get_resource_model("User")).total_results, 0)
        foreign = other.query(other.get_resource_model("User"), mine.id, raise_scim_errors=False)
        self.assertEqual(foreign.status, 404)
        self.assertEqual(self.client.query(self.User).total_results, 1)

    def test_an_outdated_version_is_refused(self) -> None:
        user = self.create(user_name="ann", active=True)
        self.patch(user, PatchOperation(op="replace", path="displayName", value="Ann"))
        headers = {"If-Match": user.meta.version}
        refused = self.client.request("DELETE", f"/Users/{user.id}", headers=headers)
        self.assertEqual((refused.status_code, refused.json()["status"]), (412, "412"))


if __name__ == "__main__":
    unittest.main()
