"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "digest.chosen": "chose who gets the digest",
    "digest.made": "made the digest of a week[: {week}]",
    "pulse.answered": "answered the pulse",
    "pulse.share-chosen": "chose how often the pulse asks",
    "win.worded": "put a win into words",
}
