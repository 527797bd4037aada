"""What a site was to tell by mail, held against what a mail server took."""

from collections import Counter
from contextlib import ExitStack

from config.environment import BASE_DIR
from tests.services.installation import Installation
from tests.services.processes import Running
from tests.services.sink import Sink

ABOUT_ALERTS = "FROM tracker_notification WHERE kind <> 'digest'"
WAITING = f"SELECT message_id {ABOUT_ALERTS} AND status IN ('pending', 'sending', 'failed', 'held')"


def positive_tests(count: int) -> list[str]:
    """The command that records so many positive tests, four people to be told of each, from a process of its own."""
    program = f"from tests.services.recording import positive_tests; positive_tests({count})"
    return ["manage.py", "shell", "--verbosity", "0", "--command", program]


def record_positive_tests(site: Installation, count: int) -> None:
    """From another process, into the installation's database."""
    kept = site.folder
    site.folder = BASE_DIR
    try:
        site.done(["python", *positive_tests(count)])
    finally:
        site.folder = kept


def messages(site: Installation) -> set[str]:
    """Every message that was ever written, sent or not."""
    return {key for (key,) in site.asked(f"SELECT message_id {ABOUT_ALERTS}")}


def nothing_waits(site: Installation) -> bool:
    """Whether the outbox is empty."""
    return site.asked(WAITING) == []


def told_once(site: Installation, sink: Sink, before: set[str], deaths: int = 0) -> None:
    """Everything written since was taken once; again only what a death left unnoted."""
    assert set(sink.message_ids) - before == messages(site) - before
    again = {key: count for key, count in Counter(sink.message_ids).items() if count > 1}
    assert sum(count - 1 for count in again.values()) <= deaths
    assert all(each.message_id == sink.last_of(each.conversation) for each in sink.repeated())


def started(site: Installation, stack: ExitStack, *names: str) -> list[Running]:
    """Services of compose.yaml, each as a process, until the stack is closed."""
    return [stack.enter_context(site.service(name)) for name in names]


def audit_trail_is_whole(site: Installation) -> None:
    """Seal what was written, and verify all of it; fails with what the command says."""
    seal = "from tracker.tasks import seal; seal()"
    site.done(["python", "manage.py", "shell", "--verbosity", "0", "--command", seal])
    site.done(["python", "manage.py", "verify_audit"])
