"""The rules that decided something on record must still be at hand, word for word: asked before anything is served."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's own word
from django.db import DatabaseError

from tracker.models import StepRecord, Study
from tracker.wording import short_hash
from workflow.loading import shipped_protocol, shipped_protocols, shipped_versions


def check_rules_kept(*, databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """E006 for each protocol file by which something on record was decided, and which is gone or reads otherwise.

    Asked whenever the database may be: by `migrate`, and before anything is served. In a demo, which can be made anew,
    it warns.
    """
    if not databases:
        return []
    kind = Warning if settings.DEMO else Error
    hint = "Put the file back as it was; what changes is a new version, in a new file (docs/protocol-format.md)."
    try:
        return [kind(said, hint=hint, id="tracker.E006") for said in rules_not_kept()]
    except DatabaseError:
        return []  # not migrated yet: nothing was decided by rules with a hash


def rules_not_kept() -> list[str]:
    """What became of the rules that decided something on record; empty while all are as they were."""
    decided = StepRecord.objects.exclude(protocol_hash="").order_by().distinct()
    used = decided.values_list("participant__first_protocol_id", "protocol_version", "protocol_hash")
    followed = Study.objects.values_list("protocol_id", flat=True)
    named = {*followed, *(name for name, _version, _hash in used)}
    gone = {f"the protocol file {name}.yaml is gone" for name in named.difference(shipped_protocols())}
    return sorted(gone | {said for use in used if (said := _changed(*use))})


def _changed(name: str, version: str, hash_: str) -> str:
    if name not in shipped_protocols():
        return ""
    found = shipped_versions(name).get(version)
    if found is None:
        return f"protocol {shipped_protocol(name).id} version {version}, which decided steps on record, is gone"
    if found.hash == hash_:
        return ""
    was, reads = short_hash(hash_), short_hash(found.hash)
    return (
        f"{found.name}.yaml (version {version}) was changed: steps on record were decided by {was}, it is {reads} now"
    )
