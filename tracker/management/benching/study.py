"""A study of any size in which nobody has to be looked at yet."""

from datetime import date, datetime

from tracker.models import Participant, Sex, Site, Study


def study_of(size: int, *, reassess_after: datetime, now: datetime) -> Study:
    """So many participants at one site, all to be reassessed at the same instant; written in bulk."""
    site = Site.objects.create(code="BENCH", name="Bench site", name_zh="测试中心", timezone="Asia/Shanghai")
    study = Study.objects.create(
        code="BENCH", title="Bench study", title_zh="测试研究", protocol_id="relma-cel-ssc", target_number=size
    )
    Participant.objects.bulk_create(
        Participant(
            study=study, site=site, subject_number=f"BENCH-{number}", sex=Sex.FEMALE, birth_date=date(1990, 1, 1),
            created_at=now, reassess_after=reassess_after, protocol_id=study.protocol_id,
            first_protocol_id=study.protocol_id,
        )
        for number in range(size)
    )  # fmt: skip
    return study
