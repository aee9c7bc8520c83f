"""The keyboard, and the behaviours of console.js, in a real browser on the style guide."""

import pytest

from seacliff.browsing import axe_finds

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def guide(page, live_server, settings):
    settings.DEBUG = True
    page.goto(f"{live_server.url}/screens")
    return page


def current(page):
    return page.evaluate("document.activeElement.id")


def test_j_and_k_move_over_the_rows_and_stop_at_the_ends(guide):
    seen = []
    for key in ("j", "k", "j", "j", "k", "j", "j", "j", "j"):
        guide.keyboard.press(key)
        seen.append(current(guide).removeprefix("row-C-"))
    assert seen == ["4821", "4821", "4807", "4799", "4807", "4799", "4788", "4760", "4760"]


def test_the_row_with_the_focus_is_marked_and_o_and_enter_open_it(guide):
    guide.keyboard.press("j")
    assert guide.locator("#row-C-4821").get_attribute("data-current") == ""
    guide.keyboard.press("Enter")
    assert guide.url.endswith("#C-4821")
    guide.keyboard.press("j")
    guide.keyboard.press("o")
    assert guide.url.endswith("#C-4807")
    assert guide.locator("[data-current]").count() == 1


def test_x_selects_rows_and_the_bar_counts_them(guide):
    assert not guide.locator("[data-bulk]").is_visible()
    for key in ("j", "x", "j", "x"):
        guide.keyboard.press(key)
    assert guide.locator("[data-selected]").inner_text() == "2"
    guide.check("[data-select-all]")
    assert guide.locator("[data-selected]").inner_text() == "5"


def test_a_sequence_of_keys_jumps_and_a_wrong_second_key_does_not(guide):
    guide.keyboard.press("g")
    assert guide.locator(".key-pending").is_visible()
    guide.keyboard.press("q")
    assert guide.url.endswith("#queues")
    assert guide.locator(".key-pending").count() == 0
    guide.keyboard.press("g")
    guide.keyboard.press("z")
    assert guide.url.endswith("#queues")


def test_one_key_presses_a_button(guide):
    guide.evaluate(
        "document.querySelector('[data-key=d]').addEventListener('click', () => document.body.dataset.decided = 'yes')"
    )
    guide.keyboard.press("d")
    assert guide.evaluate("document.body.dataset.decided") == "yes"


def test_no_key_acts_while_somebody_types_or_holds_a_modifier(guide):
    guide.keyboard.press("/")
    guide.keyboard.type("gq d?")
    assert guide.locator("[data-search]").input_value() == "gq d?"
    assert "#" not in guide.url
    assert guide.locator("dialog[open]").count() == 0
    guide.keyboard.press("Escape")
    assert current(guide) == ""
    guide.keyboard.press("Control+j")
    assert guide.locator("[data-current]").count() == 0


def test_the_question_mark_lists_the_keys_and_escape_closes_it(guide):
    guide.keyboard.press("?")
    text = guide.locator("#keys-dialog").inner_text()
    for label in ("Decide", "Queues", "Next row", "Search", "Claim the next case"):
        assert label in text
    assert axe_finds(guide) == []
    guide.keyboard.press("Escape")
    assert guide.locator("#keys-dialog").count() == 0


def test_an_open_dialog_keeps_the_page_behind_it_from_being_pressed(guide):
    guide.keyboard.press("b")
    assert guide.locator("#guide-dialog").is_visible()
    guide.locator("#guide-dialog .button.primary").focus()
    guide.keyboard.press("j")
    guide.keyboard.press("c")
    assert guide.locator("[data-current]").count() == 0
    assert "#next" not in guide.url


def test_one_key_commands_can_be_switched_off_and_stay_off(guide):
    guide.keyboard.press("?")
    guide.uncheck("#keys-toggle")
    guide.keyboard.press("Escape")
    guide.reload()
    guide.keyboard.press("j")
    assert guide.locator("[data-current]").count() == 0


def test_evidence_is_blurred_and_grey_until_asked_then_grey_then_in_colour(guide):
    def look():
        return guide.locator(".evidence img").evaluate("el => getComputedStyle(el).filter")

    guide.emulate_media(reduced_motion="reduce")
    assert "blur(28px)" in look()
    assert "grayscale(1)" in look()
    assert guide.locator("[data-evidence=colour]").is_disabled()
    guide.keyboard.press("v")
    assert look() == "grayscale(1)"
    guide.click("[data-evidence=colour]")
    assert look() == "none"
    guide.reload()
    assert "blur(28px)" in look()


def test_the_theme_is_chosen_at_once_and_remembered(guide):
    guide.click(".topbar .menu:last-of-type > summary")
    guide.click("[data-theme-set=dark]:visible")
    assert guide.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    guide.reload()
    assert guide.evaluate("document.documentElement.dataset.theme") == "dark"


def test_an_undo_counts_down_and_u_sends_it(page, live_server, settings):
    settings.DEBUG = True
    page.goto(f"{live_server.url}/screens?toast")
    toast = page.locator(".toast[data-until]")
    assert toast.locator(".left").inner_text().endswith(" s")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.keyboard.press("u")
    assert sent.value.url.endswith("/screens")


def test_a_form_warns_before_typed_text_is_lost(guide):
    asked = []
    guide.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    guide.fill("[name=rationale]", "half a thought")
    guide.goto("about:blank")
    assert asked == ["beforeunload"]


def test_a_live_part_is_swapped_on_200_and_left_alone_on_304_and_while_it_is_used(guide):
    answers = [(200, "<b id='fresh'>1</b>"), (304, ""), (200, "<b id='fresh'>2</b>")]
    asked = []

    def answer(route):
        asked.append(route.request.headers.get("if-none-match"))
        status, body = answers[min(len(asked), len(answers)) - 1]
        route.fulfill(status=status, body=body, headers={"ETag": f'"{len(asked)}"', "Content-Type": "text/html"})

    guide.route("**/part", answer)
    guide.evaluate(
        "() => { const main = document.querySelector('main'), part = document.createElement('div'); part.id = 'part';"
        "part.dataset.liveUrl = '/part'; part.dataset.liveEvery = '0.1'; main.append(part);"
        "main.dispatchEvent(new Event('htmx:afterSettle', { bubbles: true })); }"
    )
    guide.wait_for_selector("#fresh:has-text('2')")
    assert asked[:3] == [None, '"1"', '"1"']
    guide.evaluate(
        "document.getElementById('part').innerHTML = '<input id=typing>'; document.getElementById('typing').focus()"
    )
    guide.wait_for_timeout(400)
    assert guide.locator("#typing").count() == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/screens", "/screens?toast", "/screens/public", "/accounts/login/", "/no-such-page"])
def test_axe_finds_nothing(new_page, live_server, settings, path, theme):
    settings.DEBUG = not path.startswith("/no")
    page = new_page(viewport={"width": 1280, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    page.goto(live_server.url + path)
    assert axe_finds(page) == []


@pytest.mark.parametrize("path", ["/screens", "/screens/public", "/accounts/login/"])
def test_nothing_overflows_a_phone(new_page, live_server, settings, path):
    settings.DEBUG = True
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(live_server.url + path)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert axe_finds(page) == []
