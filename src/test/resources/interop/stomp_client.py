"""Sends a mail over STOMP: python3 stomp_client.py PORT USER PASSWORD. Prints "receipt"."""

import sys
import threading

import stomp

WAIT = 60


class Receipts(stomp.ConnectionListener):
    def __init__(self):
        self.came = threading.Event()

    def on_receipt(self, frame):
        self.came.set()

    def on_error(self, frame):
        print("error", frame.body)


port, user, password = sys.argv[1:]
connection = stomp.Connection12([("127.0.0.1", int(port))])
receipts = Receipts()
connection.set_listener("", receipts)
connection.connect(user, password, wait=True)
connection.send(
    "mail.submit",
    "Schöne Grüße",
    headers={
        "from": "a@sender.example",
        "to": "b@dest.example",
        "bcc": "c@dest.example",
        "subject": "Grüße",
        "receipt": "mail-1",
    },
)
print("receipt" if receipts.came.wait(WAIT) else "no receipt")
connection.disconnect()
