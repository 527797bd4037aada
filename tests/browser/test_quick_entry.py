"""Quick entry in a real browser: eleven values without a mouse, and questions answered by one key."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.hands import Hands
from tests.browser.staff import hours_from_now, sign_in
from tests.builders import House, a_participant, record
from tracker.models import Participant, RecordedFact, UpperLimit, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHEET = {
    "anc": "3.2", "alc": "1.1", "hb": "128", "plt": "210", "creatinine": "62", "alt": "22", "ast": "24",
    "tbil": "11.0", "inr": "1.02", "pt": "11.8", "weight": "61.5",
}  # fmt: skip
LIMITS = {"alt": "40", "ast": "40", "tbil": "20", "inr": "1.2", "pt": "13"}
FIRST_PANEL, LATER_PANEL = 80, 62
"""How many keys a panel of eleven values may take: with upper limits to be typed once, and with those remembered."""


@pytest.fixture
def man(house: House) -> Participant:
    """A man in screening, of whom nothing is measured yet."""
    man = a_participant(house, sex="male", now=hours_from_now(-100))
    record(man, "consent", hours_from_now(-99), by=house["pi"], detail="ICF 1.0")
    return man


def open_panel(page: Page, live_server: LiveServer, house: House, man: Participant, language: str = "en") -> Hands:
    User.objects.filter(pk=house["crc"].pk).update(language=language)
    sign_in(page, live_server, house["crc"])
    page.goto(f"{live_server.url}/admin/tracker/participant/{man.pk}/facts/panel/")
    expect(page.locator("body.dm-scripted")).to_be_attached()
    return Hands(page)


def type_the_time(hands: Hands) -> None:
    """The page opens where the first thing is asked: at the time of collection, today. It was this very minute."""
    field, now = hands.page.locator("input[name=at_1]"), hours_from_now(0)[-5:]
    expect(field).to_be_focused()
    hour, minute = (int(part) for part in now.split(":"))
    # Debian's Chromium speaks American English: its clock has twelve hours, and asks which half of the day.
    hands.look_and_type(f"{(hour - 1) % 12 + 1:02}{minute:02}")
    if not field.input_value():
        hands.press("p" if hour >= 12 else "a")
    expect(field).to_have_value(now)
    hands.press("Enter", "Enter", "Enter")


def type_the_sheet(hands: Hands, *, limits: bool) -> None:
    """Value after value, each ended by Enter; upper limits only where the page asks for them."""
    for concept, value in SHEET.items():
        expect(hands.page.locator(f"input[name='{concept}.value']")).to_be_focused()
        hands.look_and_type(value)
        hands.press("Enter")
        if limits and concept in LIMITS:
            expect(hands.page.locator(f"input[name='{concept}.upper_limit']")).to_be_focused()
            hands.look_and_type(LIMITS[concept])
            hands.press("Enter")
    hands.press("Control+Enter")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_panel_of_eleven_values_is_entered_without_a_mouse_within_two_minutes(  # noqa: PLR0917 - fixtures
    live_server: LiveServer, page: Page, house: House, man: Participant, complaints: list[str], language: str
) -> None:
    for limits, budget in ((True, FIRST_PANEL), (False, LATER_PANEL)):
        hands = open_panel(page, live_server, house, man, language)
        type_the_time(hands)
        type_the_sheet(hands, limits=limits)
        page.wait_for_url("**/change/")
        print(f"{language}, limits {'typed' if limits else 'remembered'}: {hands.keys} keys, {hands.seconds:.0f} s")  # noqa: T201 - the acceptance is a number
        assert hands.keys <= budget
        assert hands.seconds <= 120
    recorded = RecordedFact.objects.filter(participant=man, concept__in=SHEET)
    assert [(row.concept, row.value) for row in recorded.order_by("pk")] == [*SHEET.items(), *SHEET.items()]
    assert {row.upper_limit for row in recorded if row.concept == "pt"} == {"13"}
    assert UpperLimit.objects.count() == len(LIMITS)
    assert complaints == []


def test_a_number_in_the_wrong_unit_is_asked_about_while_the_next_is_typed_and_answered_by_one_key(
    live_server: LiveServer, page: Page, house: House, man: Participant, complaints: list[str]
) -> None:
    hands = open_panel(page, live_server, house, man)
    type_the_time(hands)
    hands.look_and_type("950")
    hands.press("Enter")
    question = page.locator("[data-row=anc] .dm-q")
    expect(question).to_contain_text("950 ×10⁹/L?")
    expect(question).to_contain_text("Perhaps 950 /µL?")
    hands.press("y")
    expect(page.locator("select[name='anc.unit']")).to_have_value("/uL")
    expect(question).to_have_count(0)
    expect(page.locator("[data-row=anc] [data-part=state]")).to_contain_text("Not met")
    hands.look_and_type("30")
    hands.press("Enter")
    expect(page.locator("[data-row=alc] .dm-q")).to_be_visible()
    hands.press("k")
    expect(page.locator("[data-row=alc]")).to_contain_text("is kept, checked")
    hands.press("Control+Enter")
    page.wait_for_url("**/change/")
    rows = {row.concept: row for row in RecordedFact.objects.filter(participant=man, concept__in=("anc", "alc"))}
    assert (rows["anc"].value, rows["anc"].unit, rows["anc"].questioned) == ("950", "/uL", "")
    assert (rows["alc"].value, rows["alc"].unit, rows["alc"].questioned) == ("30", "10*9/L", "0.01–20 ×10⁹/L")
    assert complaints == []


def test_a_slash_leads_to_the_unit_and_enter_back_to_the_values(
    live_server: LiveServer, page: Page, house: House, man: Participant
) -> None:
    hands = open_panel(page, live_server, house, man)
    page.locator("input[name='hb.value']").focus()
    hands.look_and_type("12.8")
    hands.press("/")
    expect(page.locator("select[name='hb.unit']")).to_be_focused()
    hands.press("ArrowDown", "Enter")
    expect(page.locator("select[name='hb.unit']")).to_have_value("g/dL")
    expect(page.locator("input[name='plt.value']")).to_be_focused()
    expect(page.locator("input[name='hb.value']")).to_have_value("12.8")


def test_what_cannot_be_taken_comes_back_whole_with_the_cursor_in_the_first_mistake(
    live_server: LiveServer, page: Page, house: House, man: Participant
) -> None:
    hands = open_panel(page, live_server, house, man)
    type_the_time(hands)
    hands.look_and_type("3.2")
    page.locator("input[name='hb.value']").focus()
    hands.look_and_type("12,8")
    hands.press("Control+Enter")
    expect(page.locator("[data-row=hb] .dm-error").first).to_contain_text("The decimal mark is a point. Write 12.8.")
    expect(page.locator("input[name='hb.value']")).to_be_focused()
    expect(page.locator("input[name='hb.value']")).to_have_value("12,8")
    expect(page.locator("input[name='anc.value']")).to_have_value("3.2")


def test_a_column_copied_from_a_spreadsheet_fills_the_values_downwards(
    live_server: LiveServer, page: Page, house: House, man: Participant
) -> None:
    open_panel(page, live_server, house, man)
    page.locator("input[name='alc.value']").focus()
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer(), options = {clipboardData, bubbles: true, cancelable: true};
            clipboardData.setData("text", text);
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        "1.1\r\n128\r\n210\r\n",
    )
    for concept, value in {"anc": "", "alc": "1.1", "hb": "128", "plt": "210", "creatinine": ""}.items():
        expect(page.locator(f"input[name='{concept}.value']")).to_have_value(value)
    expect(page.locator("input[name='plt.value']")).to_be_focused()


def test_without_our_script_a_question_is_answered_and_the_panel_saved(
    live_server: LiveServer, page: Page, house: House, man: Participant
) -> None:
    page.route("**/entry*.js", lambda route: route.abort())
    sign_in(page, live_server, house["crc"])
    page.goto(f"{live_server.url}/admin/tracker/participant/{man.pk}/facts/panel/")
    page.select_option("select[name=laboratory]", "+")
    page.fill("input[name=new_laboratory]", "Pudong")
    page.fill("input[name=at_1]", hours_from_now(0)[-5:])
    page.fill("input[name='hb.value']", "90")
    page.select_option("select[name='hb.unit']", "g/dL")
    page.get_by_role("button", name="Save the panel").click()
    page.get_by_label("Keep 90 g/dL, checked").check()
    page.get_by_role("button", name="Save the panel").click()
    page.wait_for_url("**/change/")
    fact = RecordedFact.objects.get(concept="hb")
    assert (fact.value, fact.questioned, str(fact.laboratory)) == ("90", "3–25 g/dL", "Pudong")


@pytest.mark.parametrize("width", [390, 1360])
def test_no_page_of_quick_entry_is_wider_than_its_window(
    live_server: LiveServer, page: Page, house: House, man: Participant, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_server, house["crc"])
    for name in ("panel", "paste", "therapy"):
        page.goto(f"{live_server.url}/admin/tracker/participant/{man.pk}/facts/{name}/")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name
