"""Verifies messages with dkimpy: python3 dkimpy.py NAME RECORD MESSAGE...

NAME and RECORD are the only key there is. Prints a line for each message, "ok" or the reason.
"""

import sys

import dkim


def main(name, record, messages):
    def txt(asked, timeout=5):
        asked = asked.decode("ascii") if isinstance(asked, bytes) else asked
        return record.encode("ascii") if asked.rstrip(".").lower() == name.lower() else None

    for message in messages:
        with open(message, "rb") as octets:
            try:
                print("ok" if dkim.DKIM(octets.read()).verify(dnsfunc=txt) else "failed")
            except dkim.DKIMException as e:
                print(repr(e))


main(sys.argv[1], sys.argv[2], sys.argv[3:])
