"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "budget.set": "set a day's budget",
    "budget.lifted": "lifted a day's budget",
}
