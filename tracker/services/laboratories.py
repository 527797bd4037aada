"""Laboratories: which there are, and what each of them used last: units, and upper limits of normal by sex."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext as _

from tracker.errors import FactInvalid
from tracker.models import Laboratory, Participant, RecordedFact, Site, UpperLimit, User
from workflow.concepts import Concept


@dataclass(frozen=True, slots=True)
class Memory:
    """What a laboratory used last for a test: its unit, and its upper limit in that unit; "" where none is known."""

    unit: str
    upper_limit: str = ""


def laboratories_of(site: Site) -> QuerySet[Laboratory]:
    """The laboratories of a site, its own first."""
    return Laboratory.objects.filter(site=site)


def laboratory_named(site: Site, name: str) -> Laboratory:
    """The site's laboratory of that name, new where there was none; without a name the site's own."""
    known = laboratories_of(site)
    if not name.strip():
        return known.first() or Laboratory.objects.create(site=site, name=_("Own laboratory"))
    if len(name.strip()) > 100:
        raise FactInvalid({"laboratory": [_("At most 100 characters.")]})
    return Laboratory.objects.get_or_create(site=site, name=name.strip())[0]


def remembered(
    laboratory: Laboratory | None, concepts: Sequence[Concept], participant: Participant, on: date
) -> dict[str, Memory]:
    """What to fill in for a sample of a day, by concept: the unit used last, and the limit for this sex on that day.

    Two queries, however many concepts there are.
    """
    if laboratory is None:
        return {concept.id: Memory(concept.unit) for concept in concepts}
    units = _last_units(laboratory, concepts)
    limits = _limits_on(laboratory, participant.sex, on)
    return {concept.id: _memory(units[concept.id], limits.get(concept.id)) for concept in concepts}


def _memory(unit: str, limit: UpperLimit | None) -> Memory:
    return Memory(unit, limit.value if limit and limit.unit == unit else "")


def upper_limit_on(laboratory: Laboratory, concept: str, sex: str, on: date) -> UpperLimit | None:
    """The limit that a laboratory states on a day; the one entered last where several began on it."""
    return _stated(laboratory, sex, on).filter(concept=concept).last()


def _limits_on(laboratory: Laboratory, sex: str, on: date) -> dict[str, UpperLimit]:
    """All limits that a laboratory states on a day, by concept: of each the one that was written over the others."""
    return {limit.concept: limit for limit in _stated(laboratory, sex, on)}


def _stated(laboratory: Laboratory, sex: str, on: date) -> QuerySet[UpperLimit]:
    """What began by a day; of each concept the last one holds."""
    return laboratory.upper_limits.filter(sex=sex, valid_from__lte=on).order_by("valid_from", "pk")


def keep_limit(
    laboratory: Laboratory, fact: RecordedFact, *, participant: Participant, reason: str, by: User, now: datetime
) -> None:
    """Remember the upper limit of a recorded result from the day of its sample on, where it is another than then.

    Raises FactInvalid when a limit that was known changes without a reason.
    """
    on = fact.at.astimezone(participant.zone).date()
    known = upper_limit_on(laboratory, fact.concept, participant.sex, on)
    if not fact.upper_limit or (known and _is_same(known, fact)):
        return
    if known and known.unit == fact.unit and not reason.strip():
        words = {"old": known.value, "new": fact.upper_limit}
        raise FactInvalid({"reason": [_("Say why the upper limit changes from %(old)s to %(new)s.") % words]})
    if len(reason) > 500:
        raise FactInvalid({"reason": [_("At most 500 characters.")]})
    UpperLimit.objects.create(
        laboratory=laboratory, concept=fact.concept, sex=participant.sex, value=fact.upper_limit, unit=fact.unit,
        valid_from=on, entered_at=now, entered_by=by, reason=reason.strip(),
    )  # fmt: skip


def _is_same(known: UpperLimit, fact: RecordedFact) -> bool:
    return known.unit == fact.unit and Decimal(known.value) == Decimal(fact.upper_limit)


def _last_units(laboratory: Laboratory, concepts: Sequence[Concept]) -> dict[str, str]:
    """The unit of the newest result of each concept; the preferred one where none is on record or it is not offered."""
    facts = RecordedFact.objects.filter(laboratory=laboratory).exclude(unit="").order_by("-recorded_at", "-pk")
    newest = [Subquery(facts.filter(concept=concept.id).values("unit")[:1]) for concept in concepts]
    found = Laboratory.objects.filter(pk=laboratory.pk).values_list(*newest).get()
    return {
        concept.id: unit if unit in concept.units else concept.unit
        for concept, unit in zip(concepts, found, strict=True)
    }
