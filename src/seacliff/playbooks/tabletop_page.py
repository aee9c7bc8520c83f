"""The page of the tabletop: who behaves how, one game as a timeline, the odds of many."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seacliff.people.access import Request, needs
from seacliff.people.models import Function
from seacliff.people.permissions import Permission
from seacliff.playbooks import access, library, tabletop, timeline
from seacliff.playbooks.document import OURS, Playbook
from seacliff.playbooks.drawing import timeline as draw
from seacliff.playbooks.queries import expected_by
from seacliff.playbooks.tabletop import BEHAVIOURS, Play, Setting

SEEDS = 10**6
NAMED = re.compile(r"steps\.(\w+)\.form\.(\w+)")


@require_safe
@needs(Permission.PLAYBOOK_VIEW)
def play(request: Request, slug: str) -> HttpResponse:
    """?seed=7&as.legal=never&input.minors=yes&steps.facts.severe=no: the same address plays the same game."""
    found = access.playbook_of(request.user, slug)
    version = library.in_force(found)
    if version is None:
        raise Http404(f"{found} has no version in force.")
    book = version.document
    asked = request.GET
    seed = int(asked["seed"]) % SEEDS if asked.get("seed", "").isdecimal() and len(asked["seed"]) < 10 else 1
    setting = setting_of(book, asked)
    game = tabletop.play(book, setting, seed)
    now = max([game.ended_at, *(spot.due_at + timedelta(hours=1) for spot in game.silent if spot.due_at)])
    bars = timeline.drawn(game.spots, tabletop.START, now, setting.expected)
    names = dict(Function.objects.values_list("slug", "name"))
    again = asked.copy()
    again["seed"] = str(seed + 1)
    context = {
        "playbook": found,
        "version": version,
        "book": book,
        "seed": seed,
        "again": again.urlencode(),
        "game": game,
        "late": [(spot, _late_by(spot, game)) for spot in game.breaches],
        "drawn": draw(bars, tabletop.START, now),
        "table": tabletop.tables(book, setting, seed),
        "players": [(slug, names.get(slug, slug), setting.behaviours.get(slug, "usual"), _from(setting, slug))
                    for slug in tabletop.players(book)],
        "behaviours": BEHAVIOURS,
        "inputs": [(each, setting.inputs[each.key]) for each in book.inputs],
        "said": [(book.step(key), field, setting.forms.get(key, {}).get(field.key) or tabletop.filled(field))
                 for key, field in decisive(book)],
    }  # fmt: skip
    return render(request, "playbooks/tabletop.html", context)


def setting_of(book: Playbook, asked: Mapping[str, str]) -> Setting:
    """How the others behave, as the address says. Two queries."""
    slugs = tabletop.players(book)
    forms: dict[str, dict[str, str]] = {}
    for key, field in decisive(book):
        if value := asked.get(f"steps.{key}.{field.key}", "").strip():
            forms.setdefault(key, {})[field.key] = value[:200]
    return Setting(
        behaviours={slug: said for slug in slugs if (said := asked.get(f"as.{slug}", "usual")) in BEHAVIOURS},
        inputs={
            each.key: asked.get(f"input.{each.key}", "").strip()[:200] or tabletop.filled(each) for each in book.inputs
        },
        forms=forms,
        expected=expected_by(book.severity, slugs),
        past=tabletop.past_shares([slug for slug in slugs if slug != OURS]),
    )


def decisive(book: Playbook) -> list[tuple[str, Any]]:
    """The fields of answers that some condition asks for: what one would like to try otherwise."""
    conditions = " ".join([step.when for step in book.steps] + [end.when for end in book.ends])
    named = dict.fromkeys(NAMED.findall(conditions))
    return [(step.key, field) for step in book.steps for field in step.fields if (step.key, field.key) in named]


def _late_by(spot: tabletop.Spot, game: Play) -> timedelta | None:
    """None: never answered."""
    if spot.comes_at is None or spot.due_at is None:
        return None
    return min(spot.comes_at, game.ended_at) - spot.due_at


def _from(setting: Setting, slug: str) -> int:
    """How many past answers a function's times are drawn from."""
    return sum(len(shares) for (other, _kind), shares in setting.past.items() if other == slug)
