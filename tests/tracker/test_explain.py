"""`manage.py explain`: one participant's evaluation as text, now or as it was known then."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.builders import House, a_house, a_participant, collected_woman, plan, record, screened_woman, take
from tracker.models import Study
from workflow.stages import Step


def explain(*arguments: str) -> str:
    out = StringIO()
    call_command("explain", *arguments, stdout=out)
    return out.getvalue()


def test_the_next_gate_is_explained_worst_first(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"])
    text = explain("RJ-001", "--at", "2026-03-09T10:00:00+08:00")
    assert text.startswith("RJ-001, Screening, Mon 9 Mar 2026 10:00 (UTC+8)\nrelma-cel-ssc version 1, rules ")
    assert "Enrol, now: may not start yet" in text
    assert text.index("Not met") < text.index("Met  ")
    assert "no_transfusion_7d: No transfusion within 7 days" in text
    assert "Can clear from Mon 16 Mar 00:00" in text


def test_the_past_is_explained_as_it_was_known(house: House) -> None:
    participant = screened_woman(house)
    record(participant, "transfusion", "2026-03-08 14:00", by=house["crc"], known="2026-03-11 09:00")
    take(participant, Step.WITHDRAW, "2026-03-12 09:00", by=house["pi"])
    assert "Enrol, now: may start" in explain("RJ-001", "--at", "2026-03-09T10:00:00+08:00")
    assert "RJ-001, Withdrawn" in explain("RJ-001", "--at", "2026-03-12T10:00:00+08:00")


def test_plans_and_deadlines_are_explained(house: House) -> None:
    participant = collected_woman(house)
    plan(participant, Step.LYMPHODEPLETION, "2026-04-20 09:00", by=house["crc"], now="2026-04-10 09:00")
    text = explain("RJ-001", "--at", "2026-04-10T10:00:00+08:00")
    assert "Start lymphodepletion, as planned Mon 20 Apr 2026 09:00: may not start yet" in text
    assert "hcg_48h_ld 1: upcoming, opens Sat 18 Apr 2026 09:00, due Mon 20 Apr 2026 09:00" in text
    assert "Changes by itself: " in text


def test_it_speaks_chinese(house: House) -> None:
    screened_woman(house)
    assert "筛选期" in explain("RJ-001", "--language", "zh-hans")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("RJ-404",), "no participant has the subject number 'RJ-404'"),
        (("RJ-001",), "exists in several studies"),
        (("RJ-001", "--study", "RELMA", "--at", "tomorrow"), "is not an instant"),
        (("RJ-001", "--study", "RELMA", "--at", "2026-03-09T10:00:00"), "has no offset"),
    ],
)
def test_what_cannot_be_explained_is_told(house: House, arguments: tuple[str, ...], said: str) -> None:
    other = Study.objects.create(code="OTHER", title="Other", protocol_id="relma-cel-ssc", target_number=6)
    a_participant(house)
    a_participant(a_house("ZS", study=other))
    with pytest.raises(CommandError, match=said):
        explain(*arguments)
