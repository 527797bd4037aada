"""Counts in = recorded + on record already + set aside: for every paste, kept by the database, and after mending."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.builders import a_house, a_participant, at
from tracker.errors import Refused
from tracker.models import Fate, Import, ImportLine, Outcome, RecordedFact
from tracker.services import imports, pastes
from tracker.services.pasting import Names, lines_of
from workflow.loading import shipped_protocol

NOW = at("2026-03-09 10:00")

names = st.sampled_from(["ANC", "中性粒细胞", "Hb", "ALT", "肌酐", "CRP", "", "PT"])
values = st.one_of(
    st.decimals(min_value=0, max_value=500, places=1).map(str),
    st.sampled_from(["＜０．１", "≤5", ">5000", "12,5", "", "haemolysed", "1e3", "２２"]),
)
units = st.sampled_from(["10*9/L", "10^9/L", "/uL", "g/L", "g/dL", "U/L", "umol/L", "s", "", "spoons"])
times = st.sampled_from(["2026-03-04 08:00", "2026年3月4日 8:00", "2026-03-05", "04/03/2026", "2026-03-10 08:00", ""])
subjects = st.sampled_from(["", "RJ-001", "RJ-002", "SHB-001", "nobody"])
rows = st.lists(st.tuples(subjects, names, values, units, times).map("\t".join), min_size=1, max_size=12)
HEADER = "受试者\t项目\t结果\t单位\t采样时间\n"


class EveryPasteReconciles(TestCase):
    """On whichever database the run uses."""

    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors])
    @given(st.one_of(rows.map(lambda lines: HEADER + "\n".join(lines)), st.text(max_size=120)))
    def test_what_came_in_is_what_went_somewhere(self, text: str) -> None:
        house = a_house()
        woman, other = a_participant(house, "RJ-001"), a_house("SHB", study=house.study)
        a_participant(house, "RJ-002")
        a_participant(other, "SHB-001")
        sheet = pastes.Sheet(woman, text)
        try:
            judged = pastes.judge(sheet, by=house["crc"], now=NOW)
        except Refused:
            assert lines_of(text, Names(shipped_protocol("relma-cel-ssc"))) == []
            return
        batch = imports.take_in(sheet, seen=pastes.digest(judged), by=house["crc"], now=NOW)
        _reconciles(batch, len(judged))
        assert not RecordedFact.objects.filter(participant__subject_number="SHB-001").exists()


def _reconciles(batch: Import, came: int) -> None:
    """The counts are those of the lines, they add up, and each recorded line has a fact of its own."""
    lines = list(batch.lines.select_related("fact"))
    found = {outcome: [line for line in lines if line.outcome == outcome] for outcome in Outcome}
    assert batch.lines_in == len(lines) == came
    assert batch.lines_in == batch.accepted + batch.duplicate + batch.quarantined
    assert [batch.accepted, batch.duplicate, batch.quarantined] == [len(found[outcome]) for outcome in Outcome]
    assert RecordedFact.objects.count() == batch.accepted
    assert len({line.fact_id for line in found[Outcome.ACCEPTED]}) == batch.accepted
    assert {line.fate for line in found[Outcome.QUARANTINED]} <= {Fate.WAITING}
    assert all(line.why and line.fact is None for line in found[Outcome.QUARANTINED])
    for line in found[Outcome.ACCEPTED]:
        assert line.fact is not None
        assert Decimal(line.fact.value).is_finite()


@pytest.mark.django_db
def test_the_database_itself_refuses_counts_that_do_not_add_up() -> None:
    house = a_house()
    about = {"participant": a_participant(house), "pasted_at": NOW, "pasted_by": house["crc"], "text": ""}
    with pytest.raises(IntegrityError), transaction.atomic():
        Import.objects.create(**about, lines_in=3, accepted=1, duplicate=1, quarantined=0)
    batch = Import.objects.create(**about, lines_in=1, accepted=1, duplicate=0, quarantined=0)
    for wrong in ({"outcome": "lost"}, {"fate": "lost"}, {"fate": Fate.WAITING}, {}):
        line = {"number": 1, "typed": {}, "outcome": Outcome.ACCEPTED, "fate": Fate.DONE, **wrong}
        with pytest.raises(IntegrityError), transaction.atomic():
            ImportLine.objects.create(batch=batch, **line)
