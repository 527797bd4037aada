"""Deviations and holds on the pages: completed, signed, exported; and who only reads is offered nothing."""

import csv
import io

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.builders import House, a_house, a_participant, at, collected_woman, record, screened_man, take
from tests.tracker.admin.conftest import PASSWORD, Enter
from tracker.admin.csv_export import safe_cell
from tracker.evaluation import evaluate_participant
from tracker.models import Deviation, Participant, RecordedFact, Signature
from workflow.stages import Step

TEXTS = {"cause": "=cmd|' /C calc'!A0", "impact": "None seen", "action": "The ward was told"}


@pytest.fixture
def reported(house: House) -> Participant:
    """A man who was enrolled by the coordinator's report although he had been transfused the day before."""
    participant = screened_man(house)
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"])
    take(
        participant, Step.ENROL, "2026-03-09 09:30", by=house["crc"], known="2026-03-09 10:00",
        reported_afterwards=True, reason="Signed before the call",
    )  # fmt: skip
    return participant


def address(name: str) -> str:
    return reverse(f"admin:tracker_deviation_{name}", args=[Deviation.objects.get().pk])


def show(client: Client, participant: Participant) -> str:
    return client.get(reverse("admin:tracker_participant_change", args=[participant.pk])).content.decode()


def test_the_participants_page_shows_the_draft_and_the_hold(crc: Client, reported: Participant) -> None:
    html = show(crc, reported)
    assert f'href="{address("change")}"' in html
    assert "deviation not signed: No transfusion within 7 days" in html


def test_however_many_deviations_stand_the_page_asks_the_database_as_often(crc: Client, reported: Participant) -> None:
    def asked_for() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as page:
            show(crc, reported)
        with CaptureQueriesContext(connection) as evaluation:
            evaluate_participant(reported, as_of=at("2026-03-09 12:00"))
        return len(page), len(evaluation)

    before = asked_for()
    deviation = Deviation.objects.get()
    for clause in ("no_growth_factor_7d", "hb", "plt"):
        deviation.pk, deviation.clause = None, clause
        deviation.save()
    assert show(crc, reported).count("deviation not signed: ") > 3
    assert asked_for() == before


def is_on_hold(html: str) -> bool:
    """Whether the page says that a hold stands; one that ended stays in the drawn journey and the journal."""
    return "</svg> On hold</span>" in html


def test_the_page_says_what_was_not_kept_in_the_clauses_words_and_in_sentences(
    crc: Client, reported: Participant
) -> None:
    html = crc.get(address("change")).content.decode()
    assert "Blood transfusion and infusion of growth factors within 7 days" in html
    assert "Blood transfusion, Sun 8 Mar 14:00" in html
    assert "Signed before the call" in html
    assert "Write cause, impact and action" in html
    assert "Sign and close" not in html


def test_the_coordinator_completes_and_the_pi_signs_and_the_hold_is_released(
    crc: Client, house: House, enter: Enter, reported: Participant
) -> None:
    assert crc.post(address("complete"), TEXTS).status_code == 302
    pi = enter(house["pi"])
    assert is_on_hold(show(pi, reported))
    page = pi.get(address("close")).content.decode()
    assert "The ward was told" in page
    shown = page.split('name="shown" value="')[1].split('"')[0]
    assert pi.post(address("close"), {"password": "guessed", "shown": shown}).status_code == 422
    assert Deviation.objects.get().is_draft
    assert pi.post(address("close"), {"password": PASSWORD, "shown": shown}).status_code == 302
    assert not Deviation.objects.get().is_draft
    assert not is_on_hold(show(pi, reported))
    closed = crc.get(address("change")).content.decode()
    assert "I have reviewed this deviation and close it" in closed
    assert "signature no longer covers" not in closed
    assert pi.post(address("complete"), TEXTS).status_code == 422


def test_texts_that_changed_under_the_signers_eyes_are_shown_again(
    crc: Client, house: House, enter: Enter, reported: Participant
) -> None:
    crc.post(address("complete"), TEXTS)
    pi = enter(house["pi"])
    shown = pi.get(address("close")).content.decode().split('name="shown" value="')[1].split('"')[0]
    crc.post(address("complete"), TEXTS | {"impact": "A second look found some", "reason": "looked again"})
    html = pi.post(address("close"), {"password": PASSWORD, "shown": shown}).content.decode()
    assert "This reads otherwise than it was shown to you." in html
    assert "A second look found some" in html
    assert Deviation.objects.get().is_draft


def test_nothing_is_signed_before_the_texts_are_written(house: House, enter: Enter, reported: Participant) -> None:
    html = enter(house["pi"]).post(address("close"), {"password": PASSWORD}).content.decode()
    assert "Cause, impact and action are written before this is signed." in html
    assert not Signature.objects.filter(meaning="deviation").exists()


def test_a_pi_who_reported_it_is_told_why_another_signs(house: House, enter: Enter) -> None:
    participant = screened_man(house)
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"])
    take(
        participant, Step.ENROL, "2026-03-09 10:00", by=house["pi"], reported_afterwards=True, reason="Signed early",
    )  # fmt: skip
    pi = enter(house["pi"])
    assert "You reported this yourself" in pi.get(address("change")).content.decode()
    pi.post(address("complete"), TEXTS)
    assert "You reported this yourself" in pi.post(address("close"), {"password": PASSWORD}).content.decode()
    assert Deviation.objects.get().is_draft


def test_the_monitor_reads_and_writes_nothing(house: House, enter: Enter, reported: Participant) -> None:
    monitor = enter(house["monitor"])
    html = monitor.get(address("change")).content.decode()
    assert "No transfusion within 7 days" in html
    assert "Write cause" not in html.split("</header>", maxsplit=2)[2].replace("Cause, impact and action", "")
    for name in ("complete", "close"):
        assert monitor.get(address(name)).status_code == 403
        assert monitor.post(address(name), TEXTS | {"password": PASSWORD}).status_code == 403
    assert Deviation.objects.get().cause == ""


def test_the_coordinator_does_not_sign(crc: Client, reported: Participant) -> None:
    assert crc.get(address("close")).status_code == 403
    assert crc.post(address("close"), {"password": PASSWORD}).status_code == 403


def test_another_sites_deviation_is_not_found_and_not_exported(
    house: House, enter: Enter, reported: Participant
) -> None:
    stranger = enter(a_house("PD", study=house.study)["pi"])
    for name in ("change", "complete", "close"):
        assert stranger.get(address(name)).status_code == 404
        assert stranger.post(address(name), {"password": PASSWORD}).status_code == 404
    table = stranger.get(reverse("admin:tracker_deviation_export")).getvalue().decode("utf-8-sig")
    assert "RJ-001" not in table
    assert len(table.splitlines()) == 1


def test_the_table_is_for_a_spreadsheet_and_calculates_nothing(crc: Client, reported: Participant) -> None:
    crc.post(address("complete"), TEXTS)
    response = crc.get(reverse("admin:tracker_deviation_export"))
    table = response.getvalue()
    assert table.startswith(b"\xef\xbb\xbf")
    assert "attachment" in response.headers["Content-Disposition"]
    header, row = csv.reader(io.StringIO(table.decode("utf-8-sig")))
    cells = dict(zip(header, row, strict=True))
    assert cells["Cause"] == "'=cmd|' /C calc'!A0"
    assert (cells["Participant"], cells["Status"]) == ("RJ-001", "draft")
    assert cells["Happened at"] == "2026-03-09T09:30:00+08:00"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


def test_the_table_holds_what_the_list_shows(crc: Client, reported: Participant) -> None:
    listing = crc.get(reverse("admin:tracker_deviation_changelist"), {"status__exact": "closed"}).content.decode()
    assert "export/?status__exact=closed" in listing
    export = reverse("admin:tracker_deviation_export")
    assert "RJ-001" not in crc.get(export, {"status__exact": "closed"}).getvalue().decode()
    assert "RJ-001" in crc.get(export, {"status__exact": "draft"}).getvalue().decode()
    assert crc.get(export, {"no_such__filter": "1"}).status_code in {400, 404}


def test_an_investigator_holds_and_releases_on_the_page(
    house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    participant, sub_i = a_participant(house), enter(house["sub_i"])
    assert "Put on hold…" in show(sub_i, participant)
    add = reverse("admin:tracker_fact_add", args=[participant.pk, "hold"])
    when = {"at_0": "2026-03-09", "at_1": "09:00"}
    assert "This field is required" in sub_i.post(add, when).content.decode()
    assert sub_i.post(add, {**when, "detail": "Fever of unknown origin"}).status_code == 302
    html = show(sub_i, participant)
    assert "Fever of unknown origin" in html
    end = reverse("admin:tracker_fact_end", args=[participant.pk, RecordedFact.objects.get(concept="hold").pk])
    assert f'href="{end}"' in html
    assert sub_i.post(end, {"until_0": "2026-03-09", "until_1": "10:00"}).status_code == 302
    assert "On hold" not in show(sub_i, participant)


def test_the_coordinator_neither_holds_nor_releases(crc: Client, house: House) -> None:
    participant = a_participant(house)
    hold = record(participant, "hold", "2026-03-09 09:00", by=house["pi"], detail="Fever")
    html = show(crc, participant)
    assert "On hold" in html
    assert "Put on hold…" not in html
    assert "End the hold…" not in html
    menu = crc.get(reverse("admin:tracker_fact_menu", args=[participant.pk])).content.decode()
    assert reverse("admin:tracker_fact_add", args=[participant.pk, "hold"]) not in menu
    for url in (
        reverse("admin:tracker_fact_add", args=[participant.pk, "hold"]),
        reverse("admin:tracker_study_fact", args=[participant.pk, "hold"]),
        *(
            reverse(f"admin:tracker_fact_{name}", args=[participant.pk, hold.pk])
            for name in ("end", "correct", "withdraw")
        ),
    ):
        assert crc.get(url).status_code == 403, url


def test_a_hold_of_the_study_stands_on_every_participants_page_and_is_ended_there(
    house: House, enter: Enter, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2026-04-07 10:00"))
    woman, other = collected_woman(house), a_participant(house, "RJ-002")
    pi = enter(house["pi"])
    add = reverse("admin:tracker_study_fact", args=[woman.pk, "hold"])
    typed = {"at_0": "2026-04-07", "at_1": "09:00", "detail": "Toxicity elsewhere"}
    assert pi.post(add, typed).status_code == 302
    assert "Toxicity elsewhere" in show(pi, other)
    assert is_on_hold(show(pi, other))
    assert "On hold since Tue 7 Apr 09:00: Toxicity elsewhere" in show(pi, woman)
    hold = RecordedFact.objects.get(concept="hold")
    end = reverse("admin:tracker_study_hold_end", args=[other.pk, hold.pk])
    assert f'href="{end}"' in show(pi, other)
    assert pi.post(end, {"until_0": "2026-04-07", "until_1": "10:00"}).status_code == 302
    assert not is_on_hold(show(pi, other))
