"""What a second process records while the site is being served (through `manage.py shell`)."""

from datetime import date, timedelta

from django.utils import timezone

from tracker.models import Site, Study, User
from tracker.services import facts, participants
from tracker.services.facts import FactEntry


def positive_tests(count: int) -> None:
    """Register so many women at the demo site, each with a positive pregnancy test: four people are told of each."""
    now, study = timezone.now(), Study.objects.get()
    crc = User.objects.get(username="demo-crc")
    already = study.participants.count()
    for number in range(already + 1, already + count + 1):
        woman = participants.register_participant(
            study=study, site=Site.objects.get(), subject_number=f"DEMO-{number:03}", sex="female",
            birth_date=date(1990, 1, 1), dose_level="1", by=crc, now=now,
        )  # fmt: skip
        consent = FactEntry(concept="consent", at=now - timedelta(hours=4))
        positive = FactEntry(
            concept="serum_hcg", at=now - timedelta(hours=3), value="positive", resulted_at=now - timedelta(hours=1)
        )
        facts.record_panel(participant=woman, entries=[consent, positive], by=crc, now=now)
