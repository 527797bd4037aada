"""The figures of alerting, each beside a reference of the same run."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pstats import SortKey
from statistics import median, quantiles
from time import monotonic, sleep

from django.db import connection
from django.utils import timezone

from tracker.management.benching import storm
from tracker.management.benching.database import own_database
from tracker.management.benching.due import all_due
from tracker.management.benching.profiling import profiled
from tracker.management.benching.study import study_of
from tracker.models import Alert, Notification, NotificationStatus
from tracker.services import deadlines


def idle(sizes: list[int], rounds: int) -> Iterator[str]:
    """A sweep with nothing to do, beside one raw question of the same index."""
    for size in sizes:
        with own_database():
            now = timezone.now()
            study_of(size, reassess_after=now + timedelta(days=1), now=now)
            _refresh_statistics()
            deadlines.sweep(now)
            count = storm.queries(partial(deadlines.sweep, now))
            pairs = [(_milliseconds(_ask_raw, now), _milliseconds(deadlines.sweep, now)) for _ in range(rounds)]
            raw, swept = zip(*pairs, strict=True)
            yield (
                f"idle sweep, {size} participants: {count} queries, median {median(swept):.2f} ms"
                f" ({_spread(swept)}), {median(swept) / median(raw):.1f} x one raw query"
            )


def storms(size: int, facts: int, rounds: int) -> Iterator[str]:
    """Everybody due at once: raising, writing and sending, one after the other; the median of so many storms."""
    runs = [_storm(size, facts) for _ in range(rounds)]
    yield f"storm of {size} participants of {facts} facts, {connection.vendor}, median of {rounds}:"
    for name in runs[0]:
        values = [run[name] for run in runs]
        yield f"  {name}: {median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def together(size: int, facts: int) -> Iterator[str]:
    """Everybody due at once, and a second process that sends meanwhile."""
    with own_database(), storm.listening() as sink:
        now = all_due(size, facts)
        with storm.delivering_beside(now):
            began = monotonic()
            deadlines.sweep(now)
            swept = monotonic() - began
            while Notification.objects.exclude(status=NotificationStatus.SENT).exists():
                sleep(0.05)
        taken, first, last = sink.ended()
    after = f"the first after {first - began:.2f} s, the last after {last - began:.2f} s"
    yield f"{size} due at once, two processes: swept in {swept:.2f} s; {taken} mails, {after}"


def profile(size: int, facts: int) -> Iterator[str]:
    """Where the time of a storm goes, by what each function takes with all that it calls: raising, then sending."""
    with own_database(), storm.listening():
        now = all_due(size, facts)
        yield "raising:\n" + profiled(partial(deadlines.sweep, now), SortKey.CUMULATIVE, lines=60)
        yield "sending:\n" + profiled(partial(storm.deliver_all, now), SortKey.CUMULATIVE, lines=60)


def _storm(size: int, facts: int) -> dict[str, float]:
    with own_database(), storm.listening() as sink:
        now = all_due(size, facts)
        reference = storm.seconds(partial(storm.rolled_back, partial(storm.write_as_the_orm_does, now)))
        count = storm.queries(partial(storm.rolled_back, partial(_sweep_and_deliver, now)))
        with storm.evaluating() as batches:
            sweeping = storm.seconds(partial(deadlines.sweep, now))
        alerts, messages = Alert.objects.count(), storm.queued()
        raw = storm.seconds(partial(storm.send_raw, sink.port, messages))
        sending = storm.seconds(partial(storm.deliver_all, now))
    writing = sweeping - sum(batches)
    return {
        "alerts": alerts, "messages": len(messages), "queries of sweep and delivery for each alert": count / alerts,
        "alerts/s, all": alerts / sweeping, "alerts/s, without reading and evaluating": alerts / writing,
        "alerts/s, the ORM's bulk idiom alone": size / reference, "ratio": reference / writing,
        "mails/s, each acknowledged": len(messages) / sending, "mails/s, raw and kept open": len(messages) / raw,
        "ratio of mails": raw / sending,
    }  # fmt: skip


def _sweep_and_deliver(now: datetime) -> None:
    deadlines.sweep(now)
    storm.deliver_all(now)


def _ask_raw(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM tracker_participant WHERE reassess_after <= %s LIMIT 1", [now])
        cursor.fetchall()


def _refresh_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _milliseconds(work: Callable[[datetime], object], now: datetime) -> float:
    return 1000 * storm.seconds(partial(work, now))


def _spread(values: tuple[float, ...]) -> str:
    bounds = quantiles(values, n=20, method="inclusive")
    return f"{bounds[0]:.2f} to {bounds[-1]:.2f}"
