"""Sends a mail in each format over AMQP 1.0: python3 proton_client.py PORT USER PASSWORD.
Prints a line for each answer: correlation id and status."""

import base64
import json
import sys

from proton import Message
from proton.utils import BlockingConnection

WAIT = 120
port, user, password = sys.argv[1:]
attachment = bytes(((i * 31 + (i >> 8)) & 0xFF) for i in range(20 * 1024 * 1024))
raw = "From: a@sender.example\r\nTo: b@dest.example\r\nSubject: raw =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\n"
big = (
    raw.encode()
    + b"MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(attachment)
)
mail = {"from": "a@sender.example", "to": "b@dest.example", "text": "Schöne Grüße"}
messages = {
    "bytes": Message(body=(raw + "\r\nbytes\r\n").encode(), inferred=True),
    "rawtext": Message(
        body=raw + "\r\ntext\r\n", properties={"mailFrom": "a@sender.example", "rcptTo": "b@dest.example"}
    ),
    "large": Message(body=big, inferred=True),
    "text": Message(
        body="Schöne Grüße",
        properties={"from": "a@sender.example", "to": "b@dest.example", "subject": "text Größe 😀"},
    ),
    "map": Message(body={**mail, "subject": "map Größe 😀", "größe.bin": attachment}),
    "json": Message(body=json.dumps({**mail, "subject": "json Größe 😀"})),
}
connection = BlockingConnection(
    "amqp://127.0.0.1:" + port,
    timeout=WAIT,
    user=user,
    password=password,
    allowed_mechs="PLAIN",
    allow_insecure_mechs=True,
)
sender = connection.create_sender("mail.submit")
receiver = connection.create_receiver("mail.reply." + user)
for name, message in messages.items():
    message.durable = True
    message.correlation_id = name
    message.reply_to = "mail.reply." + user
    sender.send(message)
for _ in messages:
    answer = receiver.receive(WAIT)
    receiver.accept()
    print(answer.correlation_id, answer.properties["status"])
connection.close()
