"""What the designs at a threshold share: the first stage, and what was known before the threshold was reached."""

from typing import Any

from seacliff.value.designs.result import ALPHA, Diagnostic, holm

WEAK = 10.0  # an F below it: the threshold moves too little to divide by


def first_stage(reaching: str, share: float, strength: float) -> Diagnostic:
    """Whether reaching the threshold moves the action at all: `share` by how much, `strength` the F of it."""
    says = f"{reaching} the threshold changes the share acted on by {share:.2f} (F = {strength:.1f})."
    return Diagnostic("first-stage F", None if strength < WEAK else True, strength, says)


def known_before(differs: str, rows: list[dict[str, Any]]) -> Diagnostic:
    """`rows` hold a covariate's name, jump, se and p; p corrected for their number (Holm)."""
    corrected = holm([row["p"] for row in rows])
    off = [row["covariate"] for row, p in zip(rows, corrected, strict=True) if p < ALPHA]
    least = min(corrected, default=1.0)
    says = (
        f"What was known before {differs} at the threshold as well: {', '.join(off)}."
        if off
        else f"Nothing that was known before {differs} at the threshold ({len(rows)} covariates, least p {least:.2f})."
    )
    return Diagnostic("covariates at the threshold", not off, least, says, rows)
