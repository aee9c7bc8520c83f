"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "appeal.lodged": "appealed against the decision",
    "appeal.claimed": "took the appeal",
    "appeal.released": "gave the appeal back",
    "appeal.referred": "gave the appeal to the panel",
    "appeal.decided": "decided the appeal[: {outcome}]",
}
