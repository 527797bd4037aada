"""Row 20: investigators, monitors and data managers read the trail themselves: filter it, page it, save it."""

import csv
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.builders import House, a_house, a_participant, at, record, screened_woman
from tests.tracker.admin.conftest import Enter
from tests.tracker.audit.everything import one_of_everything
from tracker.audit.belonging import OF_A_PARTICIPANT, OF_A_SITE, OF_NOBODY
from tracker.audit.tables import audited
from tracker.audit.values import model_of
from tracker.models import AuditEvent, Participant, RecordedFact, Role
from tracker.services import facts

OVERSEEING = {Role.PI, Role.SUB_I, Role.DATA_MANAGER, Role.MONITOR}


def trail(client: Client, woman: Participant, **asked: str) -> str:
    return client.get(reverse("admin:tracker_participant_audit", args=[woman.pk]), asked).content.decode()


def table(client: Client, url: str, **asked: str) -> list[dict[str, str]]:
    body = client.get(url, asked).getvalue().decode("utf-8-sig")
    return list(csv.DictReader(StringIO(body)))


def export_of(woman: Participant) -> str:
    return reverse("admin:tracker_participant_audit_export", args=[woman.pk])


def a_correction(house: House, woman: Participant, reason: str = "read wrongly") -> RecordedFact:
    wrong = record(woman, "weight", "2026-03-09 08:00", "61", unit="kg", by=house["crc"])
    entry = facts.FactEntry(concept="weight", at=wrong.at, value="63", unit="kg")
    return facts.correct_fact(fact=wrong, entry=entry, reason=reason, by=house["pi"], now=at("2026-03-09 09:00"))


def test_every_audited_table_is_a_participants_a_sites_or_known_to_be_neither() -> None:
    known = {*OF_A_PARTICIPANT, *OF_A_SITE, *OF_NOBODY}
    ours = {model_of(each.name) for each in audited() if not each.is_link}
    assert {model.__name__ for model in ours - known} == set()


def test_a_participants_trail_is_reached_from_her_page_and_holds_all_of_it_and_nothing_of_others(
    house: House, crc: Client
) -> None:
    woman, other = one_of_everything(house), a_participant(house, "RJ-999")
    home = crc.get(reverse("admin:tracker_participant_change", args=[woman.pk])).content.decode()
    assert reverse("admin:tracker_participant_audit", args=[woman.pk]) in home
    rows = table(crc, export_of(woman))
    assert {row["Participant"] for row in rows} == {"RJ-001"}
    owned = {
        (model._meta.db_table, str(key))
        for model, paths in OF_A_PARTICIPANT.items() for path in paths
        for key in model._default_manager.filter(**{path: woman.pk}).values_list("pk", flat=True)
    }  # fmt: skip
    numbers = {str(event.pk) for event in AuditEvent.objects.all() if (event.table, event.row) in owned}
    assert {row["Number"] for row in rows} == numbers
    assert table(crc, export_of(other))


def test_it_is_asked_for_a_field_a_person_and_a_period(house: House, crc: Client) -> None:
    woman = screened_woman(house)
    a_correction(house, woman)
    fact = "tracker_recordedfact.value"
    by_field = table(crc, export_of(woman), field=fact)
    assert {row["Entry"].split(":")[0] for row in by_field} == {"fact"}
    by_person = table(crc, export_of(woman), who=str(house["pi"].pk))
    assert by_person
    assert {row["Who"] for row in by_person} == {"rj-pi"}
    assert table(crc, export_of(woman), until="2020-01-01") == []
    assert table(crc, export_of(woman), since="2020-01-01")
    refused = trail(crc, woman, since="2026-03-10", until="2026-03-09")
    assert "This lies before the first day." in refused
    assert "Enter a valid date." in trail(crc, woman, since="tomorrow")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"until": "9999-12-31"}, "less than or equal to 2999-12-31"),
        ({"since": "0001-01-01"}, "greater than or equal to 1900-01-01"),
    ],
)
def test_a_day_at_the_end_of_time_is_refused_at_its_field(
    house: House, crc: Client, asked: dict[str, str], said: str
) -> None:
    woman = screened_woman(house)
    assert said in trail(crc, woman, **asked)
    assert crc.get(export_of(woman), asked).status_code < 500
    assert trail(crc, screened_woman(house, "RJ-002"), since="1900-01-01", until="2999-12-31")


def test_the_newest_comes_first_a_page_at_a_time(house: House, crc: Client) -> None:
    woman = one_of_everything(house)
    url, seen = reverse("admin:tracker_participant_audit", args=[woman.pk]), []
    asked: dict[str, str] = {}
    while True:
        page = crc.get(url, asked)
        entries = page.context["entries"]
        seen += [entry.number for entry in entries]
        if not page.context["older"]:
            break
        asked = {"before": str(entries[-1].number)}
    assert len(seen) > 100
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == len({row["Number"] for row in table(crc, export_of(woman))})


def test_before_and_after_stand_beside_each_other_with_who_when_why_and_the_request(house: House, crc: Client) -> None:
    woman = one_of_everything(house)
    row = next(row for row in table(crc, export_of(woman), field="tracker_participant.stage") if row["Before"])
    assert (row["Before"], row["After"]) == ("Leukapheresis", "Lymphodepletion")
    assert row["Who"] == "rj-ward_nurse"
    assert row["Reason"] == "found in the chart"


def test_one_fact_tells_all_its_versions_with_their_reasons(house: House, crc: Client) -> None:
    woman = screened_woman(house)
    right = a_correction(house, woman)
    body = crc.get(reverse("admin:tracker_fact_history", args=[woman.pk, right.pk])).content.decode()
    assert body.index("63 kg") < body.index("61 kg")
    assert "read wrongly" in body
    assert "first entry" in body


@pytest.mark.parametrize("role", Role.values)
def test_who_oversees_a_site_reads_its_whole_trail_and_nobody_else(house: House, enter: Enter, role: str) -> None:
    a_participant(house)
    a_participant(a_house("SHB", study=house.study), "SHB-001")
    answer = enter(house[role]).get(reverse("admin:tracker_audit"))
    assert answer.status_code == (200 if role in OVERSEEING else 403)
    if role in OVERSEEING:
        rows = table(enter(house[role]), reverse("admin:tracker_audit_export"))
        assert {row["Participant"] for row in rows} == {"RJ-001", ""}
        assert "SHB" not in str(rows)


def test_a_superuser_reads_everybodys(house: House, root: Client) -> None:
    a_participant(house)
    a_participant(a_house("SHB", study=house.study), "SHB-001")
    rows = table(root, reverse("admin:tracker_audit_export"))
    assert {"RJ-001", "SHB-001"} <= {row["Participant"] for row in rows}


def test_a_spreadsheet_calculates_nothing_of_what_somebody_typed(house: House, crc: Client) -> None:
    woman = screened_woman(house)
    a_correction(house, woman, reason="=HYPERLINK(1)")
    reasons = {row["Reason"] for row in table(crc, export_of(woman))}
    assert "'=HYPERLINK(1)" in reasons
    assert "=HYPERLINK(1)" not in reasons


def test_how_much_was_written_costs_no_queries(house: House, crc: Client) -> None:
    woman, short = one_of_everything(house), a_participant(house, "RJ-002")
    record(short, "weight", "2026-03-09 08:00", "61", unit="kg", by=house["crc"])
    counts = []
    for who in (short, woman, woman):
        with CaptureQueriesContext(connection) as asked:
            trail(crc, who)
        counts.append(len(asked))
    assert counts[1] == counts[2] <= counts[0] + 8
