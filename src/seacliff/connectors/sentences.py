"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "ask.auto-reply": "got an automatic reply to the ask",
    "ask.news-sent-again": "sent news of the ask again",
    "ask.reply-needs-human": "got a reply to the ask that a person has to read",
    "ask.reply-set-aside": "set a reply to the ask aside",
    "ask.reply-taken": "took a reply to the ask as its answer",
    "calendar.made": "made an address for a calendar of deadlines",
    "calendar.ended": "ended the address of a calendar",
}
