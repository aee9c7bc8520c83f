import hashlib
import struct
import threading
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.signing import Signer
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from seacliff.record import evidence, showing
from seacliff.record.models import Attachment, Event, Evidence
from seacliff.record.sniffing import sniff

from .conftest import picture

MAIL = (
    b"From: Ann <ann@example.org>\r\nTo: abuse@example.com\r\nSubject: =?utf-8?q?Bel=C3=A4stigung?=\r\n"
    b"Date: Mon, 4 May 2026 10:00:00 +0200\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease look at \xe2\x80\xaethis.\r\n"
    b"--x\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>\r\n"
    b'--x\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename="a.png"\r\n\r\nxx\r\n--x--\r\n'
)
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(range(256)) * 40


@pytest.mark.parametrize(
    ("content", "media_type", "kind"),
    [
        (picture("PNG"), "image/png", "image"),
        (picture("JPEG"), "image/jpeg", "image"),
        (picture("GIF"), "image/gif", "image"),
        (picture("WEBP"), "image/webp", "image"),
        (picture("BMP"), "image/bmp", "image"),
        (picture("AVIF"), "image/avif", "image"),
        (picture("TIFF"), "image/tiff", "other"),
        (MP4, "video/mp4", "video"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", "video/quicktime", "video"),
        (b"\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1fB\x86\x81\x01B\x82\x84webm", "video/webm", "video"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav", "audio"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00", "audio/mpeg", "audio"),
        (b"OggS\x00\x02" + b"\x00" * 22 + b"\x01\x1eOpusHead", "audio/ogg", "audio"),
        (MAIL, "message/rfc822", "mail"),
        (b"Received: from x by y\nFrom: a@b.c\nSubject: hi\n\nbody \xff\xfe latin", "message/rfc822", "mail"),
        (b'{"a": [1, 2]}', "application/json", "json"),
        (b'{"a": [1, 2}', "text/plain", "text"),
        (b"[" * 100_000, "text/plain", "text"),
        ("Bitte prüfen".encode(), "text/plain", "text"),
        ("Bitte prüfen".encode("latin-1"), "text/plain", "text"),
        ("Prüfen".encode("utf-16"), "text/plain", "text"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "text/html", "text"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image/svg+xml", "text"),
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf", "other"),
        (b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x00" * 40, "application/zip", "other"),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00", None, "other"),
        (b"\x89PNG\r\n\x1a\nnot really", None, "other"),
        (b"", "application/octet-stream", "other"),
    ],
)
def test_the_type_is_what_the_content_is(content, media_type, kind):
    found_type, found_kind = sniff(content)
    assert found_kind == kind
    assert media_type in (None, found_type)


@hypothesis_settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=600),
    st.sampled_from([b"", MAIL, MP4, picture("GIF"), picture("JPEG"), b"{", b"From: a\n", b"RIFF"]),
)
def test_no_content_however_broken_stops_us(noise, start):
    content = start[: len(noise) % 300] + noise
    media_type, kind = sniff(content)
    assert "/" in media_type
    row = Evidence(sha256="0" * 64, size=len(content), media_type=media_type, kind=kind)
    if kind in (Evidence.Kind.TEXT, Evidence.Kind.MAIL, Evidence.Kind.JSON):
        assert isinstance(showing.readable(row, content).text, str)
    if kind == Evidence.Kind.IMAGE:
        try:
            showing.picture(content)
        except showing.CannotShow as reason:
            assert str(reason)


def test_the_same_content_is_stored_once_under_its_hash(db):
    first, second = evidence.keep(b"the same"), evidence.keep(b"the same")
    assert first == second
    assert first.sha256 == hashlib.sha256(b"the same").hexdigest()
    assert evidence.read(first) == b"the same"
    assert Evidence.objects.count() == 1
    place = Path(default_storage.path(f"{first.sha256[:2]}/{first.sha256[2:4]}"))
    assert [file.name for file in place.iterdir()] == [first.sha256]


def test_a_file_that_was_lost_or_half_written_is_written_again(db):
    kept = evidence.keep(b"written whole")
    path = Path(default_storage.path(f"{kept.sha256[:2]}/{kept.sha256[2:4]}/{kept.sha256}"))
    path.write_bytes(b"written")
    assert evidence.read(evidence.keep(b"written whole")) == b"written whole"
    path.unlink()
    with pytest.raises(evidence.EvidenceMissing, match="seacliff doctor"):
        evidence.read(kept)
    assert evidence.read(evidence.keep(b"written whole")) == b"written whole"


@pytest.mark.django_db(transaction=True)
def test_many_who_keep_the_same_at_once_leave_one_whole_file():
    content = b"at once" * 50_000
    kept, failed = [], []

    def work():
        try:
            kept.append(evidence.keep(content))
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert {one.sha256 for one in kept} == {hashlib.sha256(content).hexdigest()}
    assert evidence.read(kept[0]) == content
    folder = Path(default_storage.path(f"{kept[0].sha256[:2]}/{kept[0].sha256[2:4]}"))
    assert len(list(folder.iterdir())) == 1


def test_what_is_too_large_is_refused_with_both_sizes(db, settings):
    settings.EVIDENCE_MAX_BYTES = 1024
    with pytest.raises(evidence.EvidenceTooLarge, match=r"2.0.KB.*1.0.KB"):
        evidence.keep(b"x" * 2048)
    assert not Evidence.objects.exists()


def test_once_restricted_it_stays_restricted(db):
    evidence.keep(b"terrible")
    assert evidence.keep(b"terrible", restricted=True).restricted
    assert evidence.keep(b"terrible").restricted
    assert Evidence.objects.get().restricted


@pytest.mark.parametrize(
    ("given_name", "kept_name"),
    [
        ("photo.png", "photo.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\shot.png", "shot.png"),
        ("fdp\u202egnp.exe", "fdpgnp.exe"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie: x.png"),
        ("..", ".."),
        ("", ""),
    ],
)
def test_a_name_is_only_a_name(given_name, kept_name):
    assert evidence.safe_name(given_name) == kept_name


def test_a_long_name_keeps_its_end():
    name = evidence.safe_name("x" * 500 + ".pdf")
    assert len(name) == 200
    assert name.endswith(".pdf")


def test_attaching_twice_is_attaching_once_and_many_records_are_one_query(case, db, django_assert_num_queries):
    kept = evidence.keep(b"x")
    assert evidence.attach(kept, case, "a.txt") == evidence.attach(kept, case, "a.txt")
    evidence.attach(kept, case, "b.txt")
    with django_assert_num_queries(1):
        assert [one.name for one in evidence.of(case)] == ["a.txt", "b.txt"]


# ---- serving


@pytest.fixture
def attached(case, db):
    def attach(content, name="file", restricted=False) -> Attachment:
        return evidence.attach(evidence.keep(content, restricted=restricted), case, name, "text/html")

    return attach


def looks():
    return list(Event.objects.filter(verb="evidence.opened"))


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_strangers_sign_in_first_and_partners_see_no_evidence(client, attached, paul):
    url = evidence.address(attached(b"text"))
    assert client.get(url).status_code == 302
    client.force_login(paul)
    assert client.get(url).status_code == 403
    assert not looks()


def test_a_picture_is_drawn_anew_without_what_was_hidden_in_it(client, attached, rosa):
    exif = Image.Exif()
    exif[0x010E] = "52.5200 N, 13.4050 E <script>"
    url = evidence.address(attached(picture("JPEG", exif=exif) + b"PK\x03\x04 appended", "photo.html"))
    client.force_login(rosa)
    response = client.get(url)
    assert response["Content-Type"] == "image/jpeg"
    assert b"13.4050" not in response.content
    assert b"appended" not in response.content
    assert Image.open(BytesIO(response.content)).size == (64, 48)
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]


def test_a_look_is_on_the_record_in_the_story_it_belongs_to_and_a_preview_is_no_look(client, attached, case, rosa):
    attachment = attached(picture(), "shot.png")
    client.force_login(rosa)
    preview = client.get(evidence.address(attachment, case.id, view="preview"))
    assert preview["Content-Type"] == "image/jpeg"
    assert not looks()
    client.get(evidence.address(attachment, case.id))
    [look] = looks()
    assert (look.subject_id, look.story_id, look.actor_id) == (case.id, case.id, rosa.id)
    assert "sha256" not in look.data and attachment.evidence_id not in str(look.data)
    assert "shot.png" not in str(look.data), "names speak of people, and the log can't be erased"


def test_nobody_writes_into_another_story(client, attached, case, rosa):
    attachment = attached(b"text")
    client.force_login(rosa)
    forged = Signer(salt="elsewhere").sign(str(case.id))
    client.get(reverse("record:evidence", args=[attachment.id]), {"in": forged})
    assert looks()[0].story_id is None


def test_a_preview_tells_nothing_but_that_there_is_a_picture():
    half = Image.new("RGB", (600, 400), (255, 255, 255))
    half.paste((0, 0, 0), (100, 100, 140, 140))
    out = BytesIO()
    half.save(out, "PNG")
    small = Image.open(BytesIO(showing.preview(out.getvalue())[0]))
    assert small.mode == "L"
    assert max(small.size) <= 320
    assert small.getextrema()[0] > 60  # the black square is a grey haze


def _png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def test_a_picture_bomb_is_not_unpacked(client, attached, rosa):
    client.force_login(rosa)
    response = client.get(evidence.address(attached(_png_claiming(10_000, 9_000))))
    assert response.status_code == 422
    assert "10,000 × 9,000" in response.text
    assert not looks()


def test_a_damaged_picture_says_so(client, attached, rosa):
    client.force_login(rosa)
    response = client.get(evidence.address(attached(_png_claiming(90, 90))))
    assert (response.status_code, "damaged" in response.text) == (422, True)


@pytest.mark.parametrize("content", [b"<!DOCTYPE html><script>alert(1)</script>", b'<svg onload="alert(1)"/>'])
def test_markup_is_shown_as_its_source(client, attached, rosa, content):
    client.force_login(rosa)
    page = client.get(evidence.address(attached(content, "<img src=x>.html"))).text
    assert "alert(1)" in page
    assert content.decode() not in page
    assert "<img src=x>" not in page


def test_a_mail_shows_its_headers_text_and_parts_and_runs_nothing(client, attached, rosa):
    client.force_login(rosa)
    page = client.get(evidence.address(attached(MAIL, "report.eml"))).text
    assert "Belästigung" in page
    assert "Please look at \\u202ethis." in page
    assert "a.png" in page
    assert "<script>alert" not in page
    assert "text/html" in page


def test_json_is_indented_and_as_a_part_comes_without_the_page_around_it(client, attached, rosa):
    client.force_login(rosa)
    url = evidence.address(attached(b'{"a":{"b":"\\u202e"}}', "x.json"))
    part = client.get(url, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "{\n  &quot;a&quot;: {\n    &quot;b&quot;: &quot;\\u202e&quot;" in part


def test_a_long_text_is_cut_and_says_so(client, attached, rosa):
    client.force_login(rosa)
    page = client.get(evidence.address(attached(b"line\n" * 200_000))).text
    assert "only its beginning" in page
    assert len(page) < 600_000


def test_anything_else_is_a_download_that_no_browser_opens(client, attached, rosa):
    client.force_login(rosa)
    response = client.get(evidence.address(attached(b"%PDF-1.7 <script>", 'a"; filename="b.html')))
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment;")
    assert body(response) == b"%PDF-1.7 <script>"


def test_the_original_can_be_downloaded_and_that_is_on_the_record(client, attached, rosa):
    client.force_login(rosa)
    original = picture()
    response = client.get(evidence.address(attached(original, "shot.png"), view="file"))
    assert body(response) == original
    assert response["Content-Disposition"] == 'attachment; filename="shot.png"'
    assert looks()[0].data["as"] == "file"


@pytest.mark.parametrize(
    ("asked", "status", "expected", "content_range"),
    [
        ("", 200, MP4, None),
        ("bytes=0-", 206, MP4, f"bytes 0-{len(MP4) - 1}/{len(MP4)}"),
        ("bytes=10-19", 206, MP4[10:20], f"bytes 10-19/{len(MP4)}"),
        ("bytes=-5", 206, MP4[-5:], f"bytes {len(MP4) - 5}-{len(MP4) - 1}/{len(MP4)}"),
        ("bytes=5-999999999", 206, MP4[5:], f"bytes 5-{len(MP4) - 1}/{len(MP4)}"),
        ("bytes=999999999-", 416, b"", f"bytes */{len(MP4)}"),
        ("bytes=9-3", 416, b"", f"bytes */{len(MP4)}"),
        ("bytes=-", 416, b"", f"bytes */{len(MP4)}"),
        ("bytes=0-1,5-9", 200, MP4, None),
        ("chapters=1-2", 200, MP4, None),
    ],
)
def test_a_player_may_ask_for_ranges(client, attached, rosa, asked, status, expected, content_range):
    client.force_login(rosa)
    headers = {"Range": asked} if asked else {}
    response = client.get(evidence.address(attached(MP4, "clip.mp4")), headers=headers)
    assert response.status_code == status
    assert response.get("Content-Range") == content_range
    assert body(response) == expected
    if status < 300:
        assert response["Content-Type"] == "video/mp4"


def test_a_player_that_reads_on_looks_once(client, attached, rosa):
    client.force_login(rosa)
    url = evidence.address(attached(MP4, "clip.mp4"))
    for asked in ("bytes=0-", "bytes=100-200", "bytes=300-"):
        body(client.get(url, headers={"Range": asked}))
    assert len(looks()) == 1


@pytest.mark.parametrize("view", ["", "preview", "file"])
def test_the_restricted_is_shown_to_nobody_and_asking_is_on_the_record(client, attached, rosa, view):
    rosa.roles = ["reviewer", "admin", "lead"]
    rosa.save()
    client.force_login(rosa)
    response = client.get(evidence.address(attached(picture(), restricted=True), view=view))
    assert response.status_code == 403
    assert b"PNG" not in response.content
    assert [event.verb for event in Event.objects.all()] == ["evidence.refused"]


def test_a_lost_file_says_whom_to_tell(client, attached, rosa):
    attachment = attached(b"lost text")
    default_storage.delete(f"{attachment.evidence_id[:2]}/{attachment.evidence_id[2:4]}/{attachment.evidence_id}")
    client.force_login(rosa)
    response = client.get(evidence.address(attachment))
    assert response.status_code == 404
    assert not looks()


def test_the_part_for_pages_loads_nothing_before_it_is_asked(attached, case):
    from django.template.loader import render_to_string

    attached(picture(), "a.png")
    attached(MP4, "b.mp4")
    attached(MAIL, "c.eml")
    attached(b"%PDF-1.7", "d.pdf")
    attached(b"terrible", "e.bin", restricted=True)
    items = evidence.shown(evidence.of(case), case.id)
    html = render_to_string("record/parts/evidence.html", {"items": items})
    assert html.count('class="evidence') >= 5
    assert 'src="' + items[0].preview_url.replace("&", "&amp;") in html
    assert 'data-full="' + items[0].url.replace("&", "&amp;") in html
    assert 'preload="none"' in html
    restricted = html[html.index("evidence restricted") :]
    assert "href" not in restricted.split("</figure>")[0]
