"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "report.received": "sent a report[ of {category}]",
    "message.received": "kept a message that came in",
    "message.read": "read the message[: {reports} reports]",
    "message.read-again": "had the message read again",
    "message.reported": "made a report of the message",
    "message.needs-human": "could not read the message: a person has to",
    "message.set-aside": "set the message aside",
}
