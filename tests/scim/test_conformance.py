"""scim2-tester's whole set of checks against the real program."""

import unittest

from scim2_tester import Status, check_server

from client import Client
from server import Server

# Fewer would mean that the tester stopped early, or found no schema to check against.
AT_LEAST = 50


class Conformance(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)

    def test_every_check_passes(self) -> None:
        results = check_server(Client(self.server.tenant()))
        failed = [result for result in results if result.status in (Status.ERROR, Status.CRITICAL)]
        told = "\n".join(f"{result.title}: {result.reason}\n{result.data}" for result in failed)
        self.assertFalse(failed, f"{len(failed)} of {len(results)} checks failed:\n{told}")
        deviations = [result for result in results if result.status is Status.DEVIATION]
        self.assertEqual(deviations, [])
        skipped = [result.title for result in results if result.status is Status.SKIPPED]
        self.assertEqual(skipped, [])
        self.assertGreaterEqual(len(results), AT_LEAST)


if __name__ == "__main__":
    unittest.main()
