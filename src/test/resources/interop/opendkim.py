"""Runs opendkim-testmsg on messages, with a name server that knows one key.

opendkim-testmsg asks the name server of /etc/resolv.conf, on port 53, and takes neither from
elsewhere. So this runs in a network and a mount namespace of its own:

    unshare -r -n -m python3 opendkim.py NAME RECORD MESSAGE...

Prints a line for each message, "ok" or what opendkim-testmsg said.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack("16sh22x", b"lo", 0)
        flags = struct.unpack("16sh22x", fcntl.ioctl(s, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | IFF_UP))


def own_resolver():
    """Only this mount namespace sees the other resolv.conf."""
    with tempfile.NamedTemporaryFile("w") as conf:
        conf.write("nameserver 127.0.0.1\noptions timeout:2 attempts:1\n")
        conf.flush()
        subprocess.run(["mount", "--bind", conf.name, "/etc/resolv.conf"], check=True)


def answer(query, name, record):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    question = query[12 : at + 5]
    known = ".".join(labels).lower() == name and question[-4:] == b"\x00\x10\x00\x01"
    header = query[:2] + struct.pack("!HHHHH", 0x8580 if known else 0x8583, 1, int(known), 0, 0)
    if not known:
        return header + question
    strings = [record[i : i + 255] for i in range(0, len(record), 255)]
    data = b"".join(bytes([len(s)]) + s for s in strings)
    return header + question + struct.pack("!HHHIH", 0xC00C, 16, 1, 60, len(data)) + data


def serve(server, name, record):
    while True:
        query, client = server.recvfrom(4096)
        server.sendto(answer(query, name, record), client)


def main(name, record, messages):
    loopback_up()
    own_resolver()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    arguments = (server, name.lower(), record.encode("ascii"))
    threading.Thread(target=serve, args=arguments, daemon=True).start()
    command = os.environ.get("OPENDKIM_TESTMSG", "opendkim-testmsg")
    for message in messages:
        with open(message, "rb") as octets:
            done = subprocess.run([command], stdin=octets, capture_output=True, timeout=30)
        said = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
        print("ok" if done.returncode == 0 and not said else f"{done.returncode} {said}")


main(sys.argv[1], sys.argv[2], sys.argv[3:])
