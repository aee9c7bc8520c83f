"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "clock.breached": "noticed that the time is over[: {name}]",
    "evidence.opened": "opened a piece of evidence",
    "evidence.refused": "refused a piece of evidence",
}
