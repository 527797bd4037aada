"""`manage.py load_demo`: a study to try, in a database of its own."""

import os
from argparse import ArgumentParser
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from tracker.management.demo.journeys import JOURNEYS
from tracker.management.demo.scribe import Scribe
from tracker.management.demo.staff import Account, hire
from tracker.models import Site, Study
from tracker.services import deadlines, facts, participants
from tracker.services.facts import FactEntry

CODE = "DEMO"


class Command(BaseCommand):
    """Makes the demo once. Refuses a database that holds any other study, and touches nothing there."""

    help = "Load the demo: a study, a site, one account per role with random passwords, six participants."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the passwords are written, for the person who runs the demo alone."""
        parser.add_argument("--accounts", type=Path, default=None, help="also write them to this file (mode 600)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load the demo, or say that it is there."""
        call_command("migrate", verbosity=0, interactive=False)
        if Study.objects.exclude(code=CODE).exists():
            raise CommandError("This database holds a study that is not the demo: nothing was touched.")
        if Study.objects.filter(code=CODE).exists():
            self.stdout.write(f"The demo is loaded already{_where(options['accounts'])}.")
            return
        accounts = _load(timezone.now())
        self._tell(accounts, options["accounts"])

    def _tell(self, accounts: list[Account], path: Path | None) -> None:
        lines = [f"{account.username:22} {account.password:16} {account.role}" for account in accounts]
        self.stdout.write("\n".join(["Demo accounts (user, password, role):", *lines]))
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write("\n".join([*lines, ""]))
            self.stdout.write(f"They are also in {path}.")


def _where(path: Path | None) -> str:
    return f"; its accounts are in {path}" if path and path.exists() else ""


@transaction.atomic
def _load(now: datetime) -> list[Account]:
    """Everything or nothing: a demo cut short leaves no half of itself."""
    site = Site.objects.create(
        code="DEMO", name="Demo site, Shanghai", name_zh="演示中心（上海）", timezone="Asia/Shanghai"
    )
    study = Study.objects.create(
        code=CODE, title="Demo: relma-cel in systemic sclerosis", title_zh="演示：瑞基奥仑赛治疗系统性硬化症",
        protocol_id="relma-cel-ssc", target_number=6, dose_levels=["1", "2"],
    )  # fmt: skip
    staff, accounts = hire(study, site, since=now.astimezone(site.zone).date() - timedelta(days=400))
    study_end = FactEntry(concept="study_end", at=date(2027, 4, 30))
    facts.record_fact(study=study, entry=study_end, by=staff["pi"], now=now - timedelta(days=90))
    for number, journey in enumerate(JOURNEYS):
        dose_level = study.dose_levels[number // 3]
        participant = participants.register_participant(
            study=study, site=site, subject_number=journey.subject_number, sex=journey.sex,
            birth_date=journey.birth_date, dose_level=dose_level, by=staff["crc"], now=now - timedelta(days=80),
        )  # fmt: skip
        journey.tell(Scribe(participant, staff, now))
    deadlines.sweep(now=now)
    return accounts
