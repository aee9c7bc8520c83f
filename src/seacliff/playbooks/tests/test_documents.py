"""Playbooks as documents: read with sentences by line, drafted, published; what runs keeps its version."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from seacliff.people.problems import Conflict, Invalid
from seacliff.playbooks import library
from seacliff.playbooks.calendar import next_start
from seacliff.playbooks.document import Starts
from seacliff.playbooks.models import Playbook, PlaybookVersion
from seacliff.playbooks.reading import check
from seacliff.playbooks.shipped import install, shipped
from seacliff.record.actions import SYSTEM
from seacliff.record.models import Event

from .factories import SMALL, published, started, states, team

FUNCTIONS = {"trust-and-safety", "legal"}


def wrong(text, functions=FUNCTIONS):
    return [str(each) for each in check(text, functions)[1]]


def test_a_good_one_has_nothing_wrong():
    book, faults = check(SMALL, FUNCTIONS)
    assert not faults and [step.key for step in book.steps] == ["look", "ask_legal", "told"]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("after: [look]", "after: [lok]", 16, "There is no step lok. There are: ask_legal, look, told."),
        ("by: legal", "by: law", 14, "There is no function law."),
        ("due: 1h", "due: soon", 8, "due is a time such as"),
        ("due: 4h after start", "due: 4h after told", 18, "told does not come before it"),
        ('.form.grave == "yes"', '.form.grav == "yes"', 17, "Did you mean steps.look.form.grave?"),
        ('steps.look.form.grave == "yes"', "steps.told.settled", 17, "told does not come before this step"),
        ('steps.look.form.grave == "yes"', "steps.look.form.grave", 17, "it must be true or false"),
        ('grave == "yes"', "grave ==", 17, "the condition can't be read, at"),
        ("{{ input.what }}", "{{ input.wat }}", 15, "there is no input.wat. Did you mean input.what?"),
        ("key: told", "key: look", 19, "There are two called look."),
        ("kind: note", "kind: notes", 21, "Invalid enum value 'notes'"),
        ("    due: 1h", "    dew: 1h", 6, "unknown field `dew`"),
        ('needed_for: ["yes"]', "needed_for: [yes]", 10, 'Put it in quotes, such as "yes".'),
        ("    text: \"About {{", "    txt: \"About {{", 11, "unknown field `txt`"),
        ("after: [look]", "after: [look", 17, "This is not well-formed YAML"),
        ("after: [look]", "after: [look, told]", 16, "ask_legal waits in a circle"),
        ("after: [look]", "after: &a [look]", 0, "anchors (&) and aliases (*) are not read"),
        ("name: Small one", "name: ''", 2, "Give the playbook a name."),
        ("key: look", "key: start", 6, "start is the beginning of the run"),
        ("type: yes-no", "type: choice", 10, "a choice has choices"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence_with_its_line(old, new, line, says):
    found = check(SMALL.replace(old, new, 1), FUNCTIONS)[1]
    assert any(each.line == line and says in each.sentence for each in found), found


def test_the_team_does_tasks_and_asks_others():
    assert "an ask goes to another function" in wrong(SMALL.replace("by: legal", "by: trust-and-safety"))[0]
    assert "a task is the team's own" in wrong(SMALL.replace("    due: 1h", "    by: legal"))[0]


def test_what_starts_by_itself_needs_nobody_to_say_anything():
    text = SMALL.replace("label: What}", "label: What, needed: true}") + "starts: {every: week, first: 2026-01-05}\n"
    assert "Nobody is there to say what" in wrong(text)[0]
    assert "says every" in wrong(SMALL + "starts: {every: week}\n")[0]


def test_nothing_makes_the_reader_fall_over():
    for text in (
        "",
        "- a",
        "a: b: c",
        "\x00",
        "!!python/object:os.system {}",
        "[" * 5000,
        "name: 1",
        "x" * 200_000,
        "&a [*a]",
    ):
        book, faults = check(text)
        assert faults and (book is None or not book.steps), text[:20]


def test_eight_come_with_the_product_and_can_be_read():
    functions = {*("communications", "engineering", "government-relations", "product", "legal", "support",
                                   "security", "privacy", "sales", "finance", "trust-and-safety")}  # fmt: skip
    found = shipped()
    assert len(found) == 8
    for source, book in found.values():
        assert check(source, functions)[1] == []
        assert book.purpose and book.use_when and any(step.asks for step in book.steps)


@pytest.mark.django_db
def test_they_are_installed_once():
    team()
    assert install(SYSTEM) == 8 and install(SYSTEM) == 0
    assert set(PlaybookVersion.objects.values_list("state", flat=True)) == {"draft"}


@pytest.mark.django_db
def test_a_draft_may_be_unfinished_but_is_not_published():
    team()
    draft = library.create(SYSTEM, SMALL)
    library.save_draft(SYSTEM, draft.playbook, SMALL.replace("by: legal", "by: law"))
    with pytest.raises(Invalid, match="Line 14: There is no function law"):
        library.publish(SYSTEM, draft, "First")
    library.save_draft(SYSTEM, draft.playbook, "name: [")
    with pytest.raises(Invalid, match="not well-formed"):
        library.publish(SYSTEM, draft, "First")
    with pytest.raises(Invalid, match="Say what changes"):
        library.publish(SYSTEM, draft, " ")


@pytest.mark.django_db
def test_two_can_not_have_the_same_name():
    published()
    with pytest.raises(Invalid, match="There is a playbook small-one already"):
        library.create(SYSTEM, SMALL)


@pytest.mark.django_db
def test_what_is_published_stays_as_it_is():
    version = published()
    with pytest.raises(IntegrityError, match="runs go by its words"), transaction.atomic():
        PlaybookVersion.objects.filter(id=version.id).update(source="name: Other")
    with pytest.raises(Conflict):
        library.discard(SYSTEM, version)
    assert Event.objects.filter(verb="playbook.published", reason="First").count() == 1


@pytest.mark.django_db
def test_a_run_keeps_the_version_that_it_began_with():
    first = published()
    run = started(first)
    draft = library.save_draft(SYSTEM, first.playbook, SMALL.replace("ask_legal", "ask_them"))
    second = library.publish(SYSTEM, draft, "Another key")
    assert library.in_force(first.playbook) == second
    assert set(states(run)) == {"look", "ask_legal", "told"} and run.version == first
    assert set(states(started(second))) == {"look", "ask_them", "told"}


@pytest.mark.django_db
def test_a_version_can_wait_for_its_day():
    first = published()
    draft = library.save_draft(SYSTEM, first.playbook, SMALL)
    tomorrow = timezone.now() + timedelta(days=1)
    second = library.publish(SYSTEM, draft, "From tomorrow", effective_at=tomorrow)
    assert library.in_force(first.playbook) == first
    assert library.in_force(first.playbook, tomorrow) == second
    assert library.all_in_force() == [first]


@pytest.mark.django_db
def test_a_retired_one_is_not_started():
    version = published()
    library.retire(SYSTEM, version.playbook)
    version.playbook.refresh_from_db()
    assert library.in_force(version.playbook) is None and library.slugs_in_force() == []
    with pytest.raises(Conflict, match="was retired"):
        started(version)
    library.retire(SYSTEM, version.playbook, retired=False)
    assert library.slugs_in_force() == ["small-one"]


@pytest.mark.django_db
def test_a_discarded_first_draft_leaves_nothing():
    library.discard(SYSTEM, library.create(SYSTEM, SMALL))
    assert not Playbook.objects.exists()


@pytest.mark.parametrize(
    ("every", "first", "after", "next_one"),
    [
        ("day", date(2026, 1, 5), datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("week", date(2026, 1, 5), datetime(2026, 1, 5, 8, tzinfo=UTC), datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("week", date(2026, 1, 5), datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 1, 12, 9, tzinfo=UTC)),
        ("month", date(2026, 1, 31), datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 2, 28, 9, tzinfo=UTC)),
        ("quarter", date(2026, 1, 5), datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 10, 5, 9, tzinfo=UTC)),
        ("year", date(2024, 2, 29), datetime(2026, 8, 1, tzinfo=UTC), datetime(2027, 2, 28, 9, tzinfo=UTC)),
        ("month", date(2027, 1, 1), datetime(2026, 8, 1, tzinfo=UTC), datetime(2027, 1, 1, 9, tzinfo=UTC)),
    ],
)
def test_the_calendar_counts_from_its_first_day(every, first, after, next_one):
    assert next_start(Starts(every=every, first=first), after) == next_one
