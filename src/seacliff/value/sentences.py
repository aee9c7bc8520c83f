"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "assumptions.published": "published what is reckoned with[, number {number}]",
    "board.text-written": "wrote a text of the page for the board",
    "finding.proposed": "proposed the finding[ {ref}]",
    "finding.entered": "entered what others told as the finding[ {ref}]",
    "finding.offered": "offered a finding[: {ref}]",
    "finding.frozen": "froze the finding's data[: {rows} rows]",
    "finding.run": "asked for the finding to be estimated",
    "finding.estimated": "estimated the finding[: grade {grade}][: refused. {refusal}]",
    "finding.estimate-failed": "could not estimate the finding",
    "finding.declined": "declined the finding",
    "finding.superseded": "superseded the finding",
    "finding.sign-off-asked": "asked Finance to sign the finding off",
    "promise.made": "made a promise",
    "promise.answered": "noted what was answered to the promise",
    "promise.commented": "commented on the promise",
    "promise.reviewed": "held the promise against the record[: {held}]",
}
