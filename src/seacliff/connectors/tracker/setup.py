"""Trackers as SEACLIFF_TRACKERS names them, each a channel that charters can name."""

from functools import partial
from typing import Any

from seacliff.connectors.incoming import READERS
from seacliff.connectors.looking import LOOKERS
from seacliff.connectors.tracker import looking, news
from seacliff.connectors.tracker.channel import TrackerChannel
from seacliff.connectors.tracker.github import GitHub
from seacliff.connectors.tracker.gitlab import GitLab
from seacliff.connectors.tracker.issues import TRACKERS, Tracker
from seacliff.connectors.tracker.jira import Jira
from seacliff.partners import channels

KINDS: dict[str, type[GitHub] | type[GitLab] | type[Jira]] = {"github": GitHub, "gitlab": GitLab, "jira": Jira}
NEEDED, OPTIONAL = {"name", "kind", "token"}, {"url", "secret", "user", "issue_type"}


class BadTracker(ValueError):
    """What is wrong with SEACLIFF_TRACKERS, in a sentence without the token."""


def install(said: dict[str, Any]) -> Tracker:
    """Raises BadTracker."""
    name = said.get("name", "?")
    if missing := NEEDED - set(said):
        raise BadTracker(f"SEACLIFF_TRACKERS: {name} lacks {', '.join(sorted(missing))}.")
    if unknown := set(said) - NEEDED - OPTIONAL:
        raise BadTracker(f"SEACLIFF_TRACKERS: {name} has {', '.join(sorted(unknown))}, which means nothing here.")
    if said["kind"] not in KINDS:
        raise BadTracker(f"SEACLIFF_TRACKERS: the kind of {name} is one of {', '.join(KINDS)}.")
    tracker: Tracker = KINDS[said["kind"]](**{key: value for key, value in said.items() if key != "kind"})
    TRACKERS[name] = tracker
    READERS[name] = news.settle
    LOOKERS[name] = partial(looking.look, tracker)
    channels.register(TrackerChannel(tracker))
    return tracker
