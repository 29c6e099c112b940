"""Sends a mail in each format over STOMP: python3 stomp_formats.py VERSION PORT USER PASSWORD.
Prints a line for each answer: correlation id and status."""

import base64
import json
import sys
import threading

import stomp

WAIT = 120
version, port, user, password = sys.argv[1:]
attachment = bytes(((i * 31 + (i >> 8)) & 0xFF) for i in range(20 * 1024 * 1024))
raw = "From: a@sender.example\r\nTo: b@dest.example\r\nSubject: raw =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\n"
big = (
    raw.encode()
    + b"MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(attachment)
)
mail = {"from": "a@sender.example", "to": "b@dest.example", "text": "Schöne Grüße"}
# STOMP 1.0 knows no escapes, so a header field has one line.
messages = {
    "bytes": ((raw + "\r\nbytes\r\n").encode(), {}),
    "rawtext": (raw + "\r\ntext\r\n", {"mailFrom": "a@sender.example", "rcptTo": "b@dest.example"}),
    "large": (big, {}),
    "text": ("Schöne Grüße", {"from": mail["from"], "to": mail["to"], "subject": "text Größe 😀"}),
    "json": (json.dumps({**mail, "subject": "json Größe 😀"}), {}),
}


class Answers(stomp.ConnectionListener):
    def __init__(self):
        self.waiting = len(messages)
        self.done = threading.Event()

    def on_message(self, frame):
        print(frame.headers["correlation-id"], frame.headers["status"], flush=True)
        self.waiting -= 1
        if self.waiting == 0:
            self.done.set()

    def on_error(self, frame):
        print("error", frame.body, flush=True)
        self.done.set()


kind = {"1.0": stomp.Connection10, "1.1": stomp.Connection11, "1.2": stomp.Connection12}[version]
connection = kind([("127.0.0.1", int(port))])
answers = Answers()
connection.set_listener("", answers)
connection.connect(user, password, wait=True)
connection.subscribe("mail.reply." + user, id="1", ack="auto")
for name, (body, headers) in messages.items():
    own = {"correlation-id": name, "reply-to": "mail.reply." + user, "persistent": "true", **headers}
    connection.send("mail.submit", body, headers=own)
if not answers.done.wait(WAIT):
    print("no answer for", answers.waiting)
connection.disconnect()
