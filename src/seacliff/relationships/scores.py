"""Figures in words, each with the formula it came from; too few cases are told as such and not as a percentage."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from seacliff.relationships.numbers import Side
from seacliff.relationships.pulse.answering import FEWEST_ANSWERS, FEWEST_PEOPLE, GRADES
from seacliff.relationships.pulse.figures import Figures, mean

FEWEST_FOR_SHARE = 10
FEWEST_FOR_MEDIAN = 5
FEWEST_FOR_NINETIETH = 10  # of fewer, it is the slowest but one at most


@dataclass(frozen=True, slots=True)
class Score:
    """`value` as it is shown, `formula` in whole sentences, `few` when it says too little to go by."""

    value: str
    formula: str
    few: bool = False


def in_time(side: Side) -> Score:
    formula = _(
        "Answered by the due time ÷ (answered + open past the due time): %(in_time)d ÷ (%(answered)d + %(late)d). Asks made in "
        "the period, and older ones that are still open; withdrawn and paused ones don't count. A due time that the asker moved "
        "counts as moved."
    ) % {"in_time": side.in_time, "answered": side.answered, "late": side.late}
    return _share(side.in_time, side.judged, formula)


def accepted(side: Side) -> Score:
    formula = _("Answered yes ÷ all answers: %(yes)d ÷ %(all)d. Partly and no are listed with their reasons.") % {
        "yes": side.yes,
        "all": side.answered,
    }
    return _share(side.yes, side.answered, formula)


def helped(side: Side) -> Score:
    said = side.answered - side.unsaid
    formula = _(
        "Changed the outcome or helped in part ÷ all that the asker has told of: (%(helped)d + %(partly)d) ÷ %(said)d. "
        "Of %(unsaid)d more it has not been said, or is too early to say."
    ) % {"helped": side.helped, "partly": side.helped_partly, "said": said, "unsaid": side.unsaid}
    return _share(side.helped + side.helped_partly, said, formula)


def before_launch(side: Side) -> Score:
    formula = _(
        "Asks made before what they are about went live ÷ all asks about something that goes live: %(before)d ÷ %(all)d. Asks "
        "about anything else are left out."
    ) % {"before": side.engaged_before, "all": side.engaged_before + side.engaged_after}
    return _share(side.engaged_before, side.engaged_before + side.engaged_after, formula)


def median(side: Side) -> Score:
    formula = _(
        "Half of the %(timed)d answers took no longer than this. Counted are the hours that the charter counts for each ask "
        "(working hours where it says so); the time in which the clock stood still is left out, and so is what is still open."
    ) % {"timed": side.timed}
    return _time(side.median, side.timed, FEWEST_FOR_MEDIAN, formula)


def ninetieth(side: Side) -> Score:
    formula = _("Nine of ten of the %(timed)d answers took no longer than this, in the same hours as the median.") % {
        "timed": side.timed
    }
    return _time(side.ninetieth, side.timed, FEWEST_FOR_NINETIETH, formula)


def _share(part: int, whole: int, formula: str) -> Score:
    if not whole:
        return Score("–", formula, few=True)
    if whole < FEWEST_FOR_SHARE:
        few = _("Fewer than %d, so no percentage: one more would move it far.") % FEWEST_FOR_SHARE
        return Score(_("%(part)d of %(whole)d") % {"part": part, "whole": whole}, f"{formula} {few}", few=True)
    return Score(f"{part / whole:.0%}".replace("%", " %"), formula)


def _time(found: timedelta | None, count: int, fewest: int, formula: str) -> Score:
    if not count or found is None:
        return Score("–", formula, few=True)
    if count < fewest:
        sentence = ngettext("%d answer: too few to say.", "%d answers: too few to say.", count) % count
        few = _("It is told from %d answers on.") % fewest
        return Score(_("too few"), f"{sentence} {few} {formula}", few=True)
    return Score(hours(found), formula)


def hours(length: timedelta) -> str:
    """Working days differ from one calendar to the next: so hours, and minutes below two of them."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 120:
        return _("%d min") % minutes
    return _("%s h") % (f"{minutes / 60:.1f}" if minutes < 600 else f"{minutes / 60:.0f}")


@dataclass(frozen=True, slots=True)
class PulseScores:
    """What people of a function said of the work with us; `answers` is 0 before the first round is closed."""

    answers: int
    easy: Score
    worth: Score


def of_pulse(found: Figures | None) -> PulseScores:
    found = found or Figures()
    return PulseScores(found.answers, _mean(found.easy, found), _mean(found.worth, found))


def _mean(counts: list[int], found: Figures) -> Score:
    rounds = _(
        "Answers of the past year, added up in rounds of at least %(answers)d answers by at least %(people)d people; those of a "
        "round that is not full yet are shown to nobody."
    ) % {"answers": FEWEST_ANSWERS, "people": FEWEST_PEOPLE}
    if not found.answers:
        return Score("–", rounds, few=True)
    terms = " + ".join(f"{grade} × {count}" for grade, count in zip(GRADES, counts, strict=True))
    formula = _("The mean of 1 to 5: (%(terms)s) ÷ %(all)d.") % {"terms": terms, "all": found.answers}
    return Score(_("%s of 5") % f"{mean(counts):.1f}", f"{formula} {rounds}", few=found.answers < FEWEST_FOR_SHARE)


@dataclass(frozen=True, slots=True)
class Scores:
    """Every score of one direction."""

    in_time: Score
    median: Score
    ninetieth: Score
    accepted: Score
    helped: Score
    before_launch: Score | None


def of_side(side: Side) -> Scores:
    engaged = side.engaged_before + side.engaged_after
    return Scores(in_time(side), median(side), ninetieth(side), accepted(side), helped(side),
                  before_launch(side) if engaged else None)  # fmt: skip
