"""What this room writes to the record, in words: see record/wording.py."""

SENTENCES = {
    "calibration.opened": "opened a calibration",
    "calibration.compared": "laid the calibration's verdicts side by side",
    "calibration.agreed": "wrote down what was agreed on a case",
    "calibration.closed": "closed the calibration",
    "check.drawn": "drew the decision for a second look",
    "check.claimed": "took the second look",
    "check.given-back": "gave the second look back",
    "check.answered": "judged the case a second time",
    "check.opined": "said which of the two was right",
    "check.corrected": "corrected the decision after a second look",
    "decision.checked": "settled the second look[: the {right} was right]",
    "golden.kept": "kept the case as a golden one",
    "golden.retired": "retired a golden case",
    "note.added": "wrote a note",
    "quality-plan.published": "published the sampling plan[, number {number}]",
}
