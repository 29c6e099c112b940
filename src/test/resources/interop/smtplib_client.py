"""Sends through the gateway at the port of the first argument; prints what smtplib made of it."""

import smtplib
import sys
from email.message import EmailMessage
from email.policy import SMTP

SENDER = "a@sender.example"


def message(text, cte):
    mail = EmailMessage(policy=SMTP.clone(cte_type="8bit"))
    mail["From"], mail["To"], mail["Subject"] = SENDER, "all@ours.example", "smtplib"
    mail.set_content(text, cte=cte)
    return mail


with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=60) as smtp:
    smtp.ehlo("client.example")
    wanted = ("8bitmime", "enhancedstatuscodes", "pipelining", "size")
    print("extensions", *[name for name in wanted if smtp.has_extn(name)])

    eight = message("Schöne Grüße, 日本\n", "8bit")
    options = ["BODY=8BITMIME"]
    print("eight-bit", smtp.send_message(eight, to_addrs=["eight@ours.example"], mail_options=options))

    dots = message(".\n..\n.dot\n\nend\n", "7bit")
    print("dots", smtp.send_message(dots, to_addrs=["dots@ours.example"]))

    some = ["one@ours.example", "x@other.example", "two@ours.example"]
    for address, (code, reply) in smtp.send_message(dots, to_addrs=some).items():
        print("one refused", address, code, reply.decode("ascii").split()[0])

    try:
        smtp.send_message(dots, to_addrs=["x@other.example", "y@other.example"])
    except smtplib.SMTPRecipientsRefused as e:
        print("all refused", *sorted(e.recipients))

    print("too large for SIZE", smtp.mail(SENDER, ["SIZE=999999999999"])[0])

    print("afterwards", smtp.send_message(dots, to_addrs=["afterwards@ours.example"]))
