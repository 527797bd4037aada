"""`manage.py bench evaluate|sweep|alerts|reconcile|pages|audit`: the figures of docs/performance.md."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.management.benching import alerts
from tracker.management.benching.auditing import auditing
from tracker.management.benching.pages import pages
from tracker.management.benching.profiling import profiled
from tracker.management.benching.reconciling import reconciling
from tracker.management.benching.record import SHORTEST, Record, record_of
from tracker.management.benching.stopwatch import Times, timed
from tracker.management.benching.study import study_of
from tracker.replaying.throwaway import throwaway_database
from tracker.services import deadlines
from workflow.answers import Evaluation
from workflow.evaluation import evaluate
from workflow.loading import shipped_protocol
from workflow.timeline import Timeline

PROTOCOL = "relma-cel-ssc"


class Command(BaseCommand):
    """Every time alternates with a reference, so that figures of a busy machine can be held against each other."""

    help = "Time an evaluation of the full protocol, sweeps, a storm, a reconciliation, or pages, on this machine."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What is timed, over how much, how often."""
        parser.add_argument("--rounds", type=int, default=300, help="how often each is timed (default: %(default)s)")
        timed_things = parser.add_subparsers(dest="what", required=True)
        one = timed_things.add_parser("evaluate", help="one evaluation, over records of growing length")
        one.add_argument("--facts", type=int, nargs="+", default=[50, 200, 1000], help="default: %(default)s")
        one.add_argument("--late-fact", action="store_true", help="with a fact that invalidates an earlier step")
        one.add_argument("--profile", action="store_true", help="print where the time goes for the longest record")
        alerting = timed_things.add_parser("alerts", help="alerting, on the kind of database that is configured")
        alerting.add_argument("--participants", type=int, nargs="+", default=[10_000, 1_000_000], help="idle sweeps")
        alerting.add_argument("--storm", type=int, default=2_000, help="due at once (default: %(default)s)")
        alerting.add_argument("--facts", type=int, nargs=1, default=[60], help="of each (default: %(default)s)")
        alerting.add_argument("--storms", type=int, default=3, help="how often (default: %(default)s)")
        alerting.add_argument("--profile", action="store_true", help="only print where the time of one storm goes")
        whole = timed_things.add_parser("reconcile", help="everybody compared with the protocol, and drift found")
        whole.add_argument("--participants", type=int, default=100_000, help="default: %(default)s")
        whole.add_argument("--facts", type=int, default=SHORTEST, help="of each (default: %(default)s)")
        whole.add_argument("--planted", type=int, default=100, help="how many are wrong (default: %(default)s)")
        shown = timed_things.add_parser("pages", help="the pages people open most, on the configured kind of database")
        shown.add_argument("--participants", type=int, default=2_000, help="default: %(default)s")
        shown.add_argument("--facts", type=int, default=100, help="of each (default: %(default)s)")
        audit = timed_things.add_parser("audit", help="facts a second with the audit trail's triggers and without")
        audit.add_argument("--entries", type=int, default=20, help="in each half of a round (default: %(default)s)")
        audit.add_argument("--facts", type=int, default=SHORTEST, help="on record before (default: %(default)s)")
        idle = timed_things.add_parser("sweep", help="a sweep with nothing to do, over studies of growing size")
        idle.add_argument("--participants", type=int, nargs="+", default=[100, 10_000], help="default: %(default)s")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the figures."""
        if options["rounds"] < 2:
            raise CommandError(f"--rounds is {options['rounds']}: expected at least 2")
        telling = {
            "alerts": self._alerts, "reconcile": self._reconciling, "pages": self._pages, "audit": self._auditing,
        }  # fmt: skip
        if options["what"] in telling:
            self._say_each(telling[options["what"]](options))
            return
        if options["what"] == "sweep":
            self._sweeps(options["participants"], options["rounds"])
            return
        if min(options["facts"]) < SHORTEST:
            raise CommandError(f"--facts is {min(options['facts'])}: expected at least {SHORTEST}")
        records = [record_of(length, late_fact=options["late_fact"]) for length in options["facts"]]
        self._evaluations(records, options["rounds"])
        if options["profile"]:
            self._profile(max(records, key=_length), options["rounds"])

    def _evaluations(self, records: list[Record], rounds: int) -> None:
        self._heading("facts", beside="timeline")
        for record in records:
            _answer(record)
            building, _ = timed(partial(_timeline, record), rounds)
            self._tell(_length(record), *timed(partial(_answer, record), rounds), beside=building)

    def _sweeps(self, sizes: list[int], rounds: int) -> None:
        self._heading("people")
        for size in sizes:
            with throwaway_database():
                now = timezone.now()
                study_of(size, reassess_after=now + timedelta(days=1), now=now)
                self._tell(size, *timed(partial(deadlines.sweep, now), rounds))

    def _alerts(self, options: dict[str, Any]) -> Iterator[str]:
        size, (facts,) = options["storm"], options["facts"]
        if options["profile"]:
            yield from alerts.profile(size, facts)
            return
        yield from alerts.idle(options["participants"], options["rounds"])
        yield from alerts.storms(size, facts, options["storms"])
        yield from alerts.together(size, facts)

    def _auditing(self, options: dict[str, Any]) -> Iterator[str]:
        return auditing(options["rounds"], options["entries"], options["facts"])

    def _reconciling(self, options: dict[str, Any]) -> Iterator[str]:
        return reconciling(options["participants"], options["facts"], options["planted"])

    def _pages(self, options: dict[str, Any]) -> Iterator[str]:
        return pages(options["participants"], options["facts"], options["rounds"])

    def _say_each(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.stdout.write(line)
            self.stdout.flush()

    def _heading(self, counted: str, beside: str = "") -> None:
        self.stdout.write(
            f"{counted:>8}  {'median':>9}  {'p5':>9}  {'p95':>9}  {'x reference':>11}  {beside:>9}".rstrip()
        )

    def _tell(self, size: int, times: Times, references: Times, beside: Times | None = None) -> None:
        low, high = times.spread
        ratio = times.median / references.median
        other = f"  {beside.median:6.2f} ms" if beside else ""
        self.stdout.write(f"{size:8}  {times.median:6.2f} ms  {low:6.2f} ms  {high:6.2f} ms  {ratio:11.2f}{other}")

    def _profile(self, record: Record, rounds: int) -> None:
        self.stdout.write(profiled(lambda: [_answer(record) for _ in range(rounds)]))


def _length(record: Record) -> int:
    return len(record.timeline.every_version)


def _timeline(record: Record) -> Timeline:
    """The facts sorted into a timeline, as is done once for every answer."""
    known = record.timeline
    return Timeline(known.subject, known.every_version, known.calendar.zone)


def _answer(record: Record) -> Evaluation:
    """One evaluation of the whole protocol over a timeline."""
    return evaluate(shipped_protocol(PROTOCOL), record.timeline, record.as_of)
