"""First words and forms: what is plain is an answer, everything else is for a person."""

import pytest

from seacliff.connectors.understanding import ANSWERS, OUTCOMES, QUESTIONS, asks_something, filled_in, first_word
from seacliff.partners.answers import FORMS, Field


@pytest.mark.parametrize(
    ("text", "said", "rest"),
    [
        ("Yes", "yes", ""),
        ("yes.\nGo ahead.", "yes", "Go ahead."),
        ("  *Yes*, with pleasure", "yes", "with pleasure"),
        ("YES - go", "yes", "go"),
        ("Yes – go", "yes", "go"),
        ("Ja, machen wir.", "yes", "machen wir."),
        ("Sí, adelante", "yes", "adelante"),
        ("Si.", "yes", ""),
        ("Partly: only the first", "partly", "only the first"),
        ("In part, yes", "partly", "yes"),
        ("Teilweise.\n\nNur der erste Satz", "partly", "Nur der erste Satz"),
        ("En parte: sólo la primera", "partly", "sólo la primera"),
        ("No.\nToo late", "no", "Too late"),
        ("Nein!", "no", ""),
        ("No problem, go ahead", "", "No problem, go ahead"),
        ("No-one here knows", "", "No-one here knows"),
        ("Not yet", "", "Not yet"),
        ("Yesterday we said so", "", "Yesterday we said so"),
        ("Si no hay prisa, mañana", "", "Si no hay prisa, mañana"),
        ("Jane will answer", "", "Jane will answer"),
        ("Hello,\n\nyes.", "", "Hello,\n\nyes."),
        ("", "", ""),
    ],
)
def test_a_first_word_that_stands_alone_is_an_answer(text, said, rest):
    found = first_word(text, ANSWERS)
    assert (found.said, found.rest) == (said, rest)


def test_questions_and_outcomes_have_words_of_their_own():
    assert first_word("Question: which country?", QUESTIONS).rest == "which country?"
    assert first_word("Rückfrage: welches Land?", QUESTIONS).said == "question"
    assert first_word("Questionable", QUESTIONS).said == ""
    assert first_word("Helped. The article was fair.", OUTCOMES).said == "helped"
    assert first_word("Zu früh.", OUTCOMES).said == "open"


def test_a_question_at_the_end_is_no_answer_yet():
    assert asks_something("Yes, but which one?\n")
    assert not asks_something("Which one? The second.")


def test_a_form_is_filled_in_from_lines_with_labels():
    form, rest = filled_in(
        FORMS["build"], "yes", "planned for: 2027-01-31\nWhere it is tracked: https://t.example/1\n\nFine."
    )
    assert form == {"planned_for": "2027-01-31", "tracker_url": "https://t.example/1"}
    assert rest == "Fine."


def test_the_one_text_that_is_needed_is_what_was_written():
    assert filled_in(FORMS["advise"], "yes", "Say nothing yet.") == ({"advice": "Say nothing yet."}, "")
    assert filled_in(FORMS["advise"], "partly", "Wait.") == ({"advice": "Wait."}, "Wait.")
    assert filled_in(FORMS["build"], "yes", "Soon.") == ({}, "Soon.")


def test_a_labelled_text_may_have_several_lines():
    field = Field("advice", "Your advice", "text", needed_for=("yes",))
    form, rest = filled_in((field,), "yes", "Your advice: first\nsecond\n\nAnd this: is no label")
    assert form == {"advice": "first\nsecond"}
    assert rest == "And this: is no label"
