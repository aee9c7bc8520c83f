import pytest

from seacliff.connectors.email.reading import own_text, read_reply, without_name, without_signature

from . import written


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("GMAIL", "Yes, go ahead.\n\nDana"),
        ("OUTLOOK", "No. Legal says we can't."),
        ("OUTLOOK_OLD", "Partly: only the first part."),
        ("GERMAN", "Ja, machen wir."),
        ("GERMAN_OUTLOOK", "Nein. Das geht nicht."),
        ("SPANISH", "Sí, adelante."),
        ("BETWEEN", "Nothing yet. We wait.\n\nMe."),
        ("PHONE", "Yes."),
    ],
)
def test_only_what_was_written_anew_is_left(name, text):
    assert own_text(getattr(written, name)) == text


def test_our_marker_ends_a_reply_of_a_program_that_nobody_knows():
    assert own_text(written.UNKNOWN_PROGRAM).startswith("Yes, fine.")
    assert "Alice" not in own_text(written.UNKNOWN_PROGRAM)


@pytest.mark.parametrize("text", ["Best regards", "Thanks.", "-- \nDana", "", "Best,\nDana"])
def test_a_text_that_is_nothing_but_a_signature_stays(text):
    assert without_signature(text) == text.strip()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Yes.\n\nDana", "Yes."),
        ("Yes.\n- dana press", "Yes."),
        ("Dana", "Dana"),
        ("Ask Eli or\nDana Miller", "Ask Eli or\nDana Miller"),
        ("Yes.\n\nEli", "Yes.\n\nEli"),
    ],
)
def test_the_writer_s_own_name_below_a_text_is_no_part_of_it(text, left):
    assert without_name(text, "Dana Press") == left
    assert without_name(text, "") == text


def test_thanks_within_a_text_end_nothing():
    text = "Thanks\n" + "\n".join(f"Point {number}" for number in range(12))
    assert without_signature(text) == text


def test_html_alone_is_read_without_what_it_quotes():
    mail = written.reply("asks@lantern.example", "")
    mail.set_content(written.GMAIL_HTML, subtype="html")
    assert read_reply(mail.as_bytes()).text.split() == ["Yes,", "go", "ahead."]


def test_attachments_are_found_and_logos_left_out():
    mail = written.reply("asks@lantern.example", "Yes.")
    mail.add_related(b"\x89PNG logo", maintype="image", subtype="png", cid="<logo>", disposition="inline")
    mail.add_attachment(b"%PDF-1.7 statement", maintype="application", subtype="pdf", filename="statement.pdf")
    mail.add_attachment("a,b\n1,2\n", subtype="csv", filename="data.csv")
    assert [file.name for file in read_reply(mail.as_bytes()).files] == ["statement.pdf", "data.csv"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"X_Autoreply": "yes"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
    ],
)
def test_what_nobody_wrote_is_known_by_its_header(headers):
    assert read_reply(written.reply("a@b.example", "Yes.", **headers).as_bytes()).automatic == "auto-reply"


@pytest.mark.parametrize(
    "subject", ["Out of office: Q-1", "Automatische Antwort: Q-1", "Fuera de la oficina", "Abwesenheitsnotiz"]
)
def test_out_of_office_is_known_by_its_subject(subject):
    mail = written.reply("a@b.example", "Yes.")
    mail.replace_header("Subject", subject)
    assert read_reply(mail.as_bytes()).automatic == "auto-reply"


def test_our_own_mail_that_comes_back_is_known(settings):
    settings.DEFAULT_FROM_EMAIL = "Trust & Safety <ts@lantern.example>"
    assert read_reply(written.reply("a@b.example", "Yes.", "ts@lantern.example").as_bytes()).automatic == "ours"


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"From: \n\n", b"Content-Type: multipart/mixed; boundary=x\n\n--x"])
def test_whatever_comes_is_read(raw):
    assert read_reply(raw).files is not None
