"""A mail server for tests: keeps every mail as a file, and misbehaves when told to.

    smtp_sink.py FOLDER

Prints the port it listens on. While FOLDER holds a file of one of these names it

    busy    answers RCPT with 451 (try again later)
    refuse  answers RCPT with 550 and the address, as servers do
    hang    takes a mail, keeps it, and never answers

Mails become FOLDER/0001.eml and so on, in the order in which their text ended.
"""

import asyncio
import itertools
import os
import sys

from aiosmtpd.smtp import SMTP


class Keeper:
    def __init__(self, folder):
        self.folder = folder
        self.numbers = itertools.count(1)

    def told_to(self, what):
        return os.path.exists(os.path.join(self.folder, what))

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.told_to("busy"):
            return "451 4.3.2 come back later"
        if self.told_to("refuse"):
            return f"550 5.1.1 <{address}>: no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = os.path.join(self.folder, f"{next(self.numbers):04}.eml")
        with open(name + ".part", "wb") as file:
            file.write(b"X-Sent-To: " + ", ".join(envelope.rcpt_tos).encode() + b"\r\n")
            file.write(envelope.original_content)
        os.rename(name + ".part", name)
        if self.told_to("hang"):
            await asyncio.sleep(3600)
        return "250 2.0.0 kept"


async def main():
    keeper = Keeper(sys.argv[1])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keeper, hostname="sink.example"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Whoever started this holds its standard input: gone is gone.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
