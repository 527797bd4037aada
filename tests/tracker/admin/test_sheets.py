"""What is taken away: one page that says all a gate looked at, as known when it was decided, and the whole journey."""

import re
import zlib
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.exceptions import SuspiciousFileOperation
from django.test import Client

from tests.availability import missing
from tests.builders import House, a_participant, at, consented, enrolled_woman, record, take
from tests.tracker.admin.conftest import Enter
from tests.tracker.admin.record_of import everything
from tracker.admin import pdf
from tracker.evaluation import protocol_of
from tracker.models import Participant, Signature, User
from workflow.stages import Step

NEEDS_PANGO = pytest.mark.skipif("Pango" in missing(), reason="Pango: no libpango-1.0")
CHECKLIST = "/admin/tracker/participant/{0.participant_id}/journal/{0.pk}/checklist/"
LANGUAGES = ("en", "zh-hans")


@pytest.fixture
def woman(house: House) -> Participant:
    """A woman enrolled with everything recorded, whose haemoglobin was corrected afterwards."""
    woman = enrolled_woman(house)
    record(woman, "hb", "2026-03-10 08:00", "71", unit="g/L", by=house["crc"])
    return woman


@pytest.fixture
def without_pango(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which there is no Pango."""
    monkeypatch.setattr(pdf, "weasyprint", lambda: None)


def laid_out(client: Client, url: str, language: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The document that a person is given, caught before it becomes a file."""
    caught: list[Any] = []
    original = pdf.laid_out

    def catching(*asked: Any) -> Any:
        caught.append(original(*asked))
        return caught[-1]

    monkeypatch.setattr(pdf, "laid_out", catching)
    User.objects.update(language=language)
    response = client.get(url)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert response.content.startswith(b"%PDF-")
    (document,) = caught
    document.fonts_in_file = _fonts(response.content)
    return document


def text_of(box: Any) -> str:
    """What stands in a box and in all that it holds."""
    return " ".join(each.text for each in box.descendants() if hasattr(each, "text"))


def cells(document: Any) -> list[str]:
    """The text of every cell of every table."""
    boxes = [each for page in document.pages for each in page._page_box.descendants()]
    return [text_of(box) for box in boxes if type(box).__name__ == "TableCellBox" and box.element_tag == "td"]


def whole(document: Any) -> str:
    return re.sub(r"\s+", " ", " ".join(text_of(page._page_box) for page in document.pages))


def page_of(client: Client, url: str) -> str:
    """What a person reads on the sheet, where it is shown as a page."""
    page = re.sub(r"<style.*?</style>|<[^>]+>", " ", client.get(url).content.decode(), flags=re.DOTALL)
    return re.sub(r" ([.”])", r"\1", re.sub(r"\s+", " ", unescape(page)))


def _fonts(file: bytes) -> set[str]:
    """The families of the fonts that a file carries with it."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", file, re.DOTALL)
    read = file + b"".join(_inflated(stream) for stream in streams)
    return {name.decode() for name in re.findall(rb"/BaseFont ?/[A-Z]{6}\+([\w-]+)", read)}


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


@NEEDS_PANGO
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_womans_whole_checklist_is_one_page_in_either_language(
    woman: Participant, house: House, enter: Enter, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    document = laid_out(enter(house["crc"]), CHECKLIST.format(woman.steps.get()), language, monkeypatch)
    assert len(document.pages) == 1
    table = cells(document)
    rules = protocol_of(house.study).rules_for(Step.ENROL)
    assert len(table) == 5 * len(rules)
    assert [cell for cell in table if not cell.strip()] == []
    titles = [rule.title_zh if language == "zh-hans" else rule.title for rule in rules]
    shown = whole(document).replace(" ", "")
    assert [title for title in titles if title.replace(" ", "") not in shown] == []
    assert [rule.id for rule in rules if rule.id not in shown] == []
    expected = {"Inter"} | ({"Noto-Sans-CJK-SC"} if language == "zh-hans" else set())
    assert expected <= document.fonts_in_file


def test_it_says_what_was_known_then_who_signed_when_and_what_the_signature_means(
    woman: Participant, house: House, enter: Enter, without_pango: None
) -> None:
    signature = Signature.objects.get(step_record__participant=woman)
    shown = page_of(enter(house["pi"]), CHECKLIST.format(woman.steps.get()))
    assert "As known at Mon 9 Mar 2026, 10:00:00 (UTC+8)." in shown
    assert "22 conditions: Met 22." in shown
    assert "Signed electronically: rj-pi (Principal investigator), Mon 9 Mar 2026, 10:00:00 (UTC+8)" in shown
    assert f"“{signature.get_meaning_display()}”" in shown
    assert signature.evaluation_hash[:12] in shown
    assert "derived again, the same" in shown
    assert "128 g/L" in shown
    assert "71 g/L" not in shown


def test_before_the_decision_it_says_what_is_missing_as_known_now(
    house: House, enter: Enter, without_pango: None
) -> None:
    participant = a_participant(house)
    consented(participant, house)
    shown = page_of(enter(house["crc"]), f"/admin/tracker/participant/{participant.pk}/checklist/enrol/")
    assert "Missing 15, Met 7." in shown
    assert "The step is not allowed yet." in shown
    assert "Not signed electronically." in shown


@NEEDS_PANGO
def test_a_summary_is_a_file_with_the_page_numbers_on_it(
    woman: Participant, house: House, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"/admin/tracker/participant/{woman.pk}/summary/"
    assert whole(laid_out(enter(house["pi"]), url, "en", monkeypatch)).endswith("1 / 1")


@NEEDS_PANGO
def test_nothing_is_fetched_but_our_own_static_files(house: House) -> None:
    fetch = pdf._fetcher(pdf.weasyprint())  # type: ignore[arg-type]
    assert fetch("http://static.invalid/tracker/sheet.css").read().startswith(b"/* Sheets")
    for url in (
        "http://static.invalid/../../etc/passwd", "file:///etc/passwd", "https://example.org/x.png",
        "http://static.invalid.example.org/tracker/sheet.css", "http://static.invalid/tracker/nothing.css",
        "data:text/plain,x",
    ):  # fmt: skip
        with pytest.raises((pdf.URLRefused, SuspiciousFileOperation)):
            fetch(url)


def test_the_summary_tells_the_journey_the_decisions_and_what_is_owed(
    conditioned: Participant, house: House, enter: Enter, without_pango: None, clock: time_machine.Traveller,
) -> None:  # fmt: skip
    take(conditioned, Step.INFUSION, "2026-04-10 10:00", by=house["pi"], reported_afterwards=True, reason="too early")
    clock.move_to(at("2026-04-10 12:00"))
    shown = page_of(enter(house["monitor"]), f"/admin/tracker/participant/{conditioned.pk}/summary/")
    for words in ("Relma-cel", "Hospital RJ", "22 conditions, all met or not applicable", "too early",
                  "Contraception or abstinence undertaken", "I have checked the criteria and enrol"):  # fmt: skip
        assert words in shown, words


def test_whoever_is_blinded_reads_no_dose_level_on_paper(
    woman: Participant, house: House, enter: Enter, without_pango: None
) -> None:
    house.study.blinded_dose = True
    house.study.save()
    Participant.objects.filter(pk=woman.pk).update(dose_level="3e8 cells")
    urls = [CHECKLIST.format(woman.steps.get()), f"/admin/tracker/participant/{woman.pk}/summary/"]
    for role, sees in (("crc", False), ("ward_nurse", False), ("monitor", False), ("pi", True), ("pharmacist", True)):
        pages = [enter(house[role]).get(url).content.decode() for url in urls]
        assert ["3e8 cells" in page for page in pages] == [sees] * 2, role


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_machine_without_pango_shows_the_sheet_and_says_how_to_print_it(
    woman: Participant, house: House, enter: Enter, without_pango: None, language: str
) -> None:
    client = enter(house["crc"])
    User.objects.update(language=language)
    response = client.get(CHECKLIST.format(woman.steps.get()))
    page = response.content.decode()
    assert response.headers["Content-Type"].startswith("text/html")
    assert {"en": "print this page instead", "zh-hans": "请直接打印本页"}[language] in page
    assert page.count("<code>") >= 22
    assert "script" not in page


def test_a_step_that_no_gate_guards_and_one_taken_back_have_no_checklist(
    house: House, enter: Enter, without_pango: None
) -> None:
    participant = a_participant(house)
    consented(participant, house)
    step = take(participant, Step.WITHDRAW, "2026-03-05 09:00", by=house["crc"], reason="Moves away")
    client = enter(house["crc"])
    assert client.get(CHECKLIST.format(step)).status_code == 404
    assert client.get(f"/admin/tracker/participant/{participant.pk}/checklist/complete/").status_code == 404
    assert client.get(f"/admin/tracker/participant/{participant.pk}/checklist/nonsense/").status_code == 404


def test_the_participants_page_leads_to_every_sheet_and_reading_them_changes_nothing(
    woman: Participant, house: House, enter: Enter, without_pango: None
) -> None:
    client = enter(house["monitor"])
    page = client.get(f"/admin/tracker/participant/{woman.pk}/change/").content.decode()
    found = set(
        re.findall(r'href="(/admin/tracker/participant/\d+/(?:journal/\d+/checklist|checklist/\w+|summary)/)"', page)
    )
    assert len(found) == 3
    before = everything()
    assert [client.get(url).status_code for url in found] == [200] * 3
    assert everything() == before
