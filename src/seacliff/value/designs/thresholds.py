"""What the designs at a threshold share: the first stage, and their looks' names."""

from seacliff.value.designs.result import Diagnostic

COVARIATES, PLACEBOS = "covariates at the threshold", "placebo cutoffs"

WEAK = 10.0  # an F below it: the threshold moves too little to divide by


def first_stage(reaching: str, share: float, strength: float) -> Diagnostic:
    """Whether reaching the threshold moves the action at all: `share` by how much, `strength` the F of it."""
    says = f"{reaching} the threshold changes the share acted on by {share:.2f} (F = {strength:.1f})."
    return Diagnostic("first-stage F", None if strength < WEAK else True, strength, says)
