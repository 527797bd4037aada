"""The fields of a fact, made from its concept: when, what, how much, and in which words."""

from collections.abc import Callable, Mapping, Sequence

from django import forms
from django.utils.translation import gettext as _

from tracker.admin.desk import Desk
from tracker.wording import rules_words
from tracker.wording.numbers import unit_words
from tracker.wording.voice import is_sample
from workflow.concepts import Concept
from workflow.protocol import Protocol
from workflow.versions import CONSENT


def fields_of(concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    """Everything that is asked about one fact of a concept."""
    return _BY_KIND[concept.kind](concept, desk)


def ended_field(desk: Desk) -> forms.Field:
    """When something that lasted ended."""
    return desk.moment(_("When it ended"), time_required=False, help_text=_whole_day())


def unit_field(concept: Concept) -> forms.CharField:
    """The offered units; what else is typed reaches the service, which says what is wrong with it."""
    choices = [(unit, unit_words(unit) or _("(no unit)")) for unit in concept.units]
    return forms.CharField(label=_("Unit"), required=False, widget=forms.Select(choices=choices))


def _whole_day() -> str:
    return _("Without a time of day the whole day counts.")


def _detail(label: str = "") -> forms.CharField:
    return forms.CharField(label=label or _("Details"), required=False, max_length=500)


def given_fields(concept: Concept) -> dict[str, forms.Field]:
    """How much of it was given, and how, where it is something that is given."""
    if not concept.therapy:
        return {}
    names = {"dose": _("Dose"), "route": _("Route")}
    return {name: forms.CharField(label=label, required=False, max_length=60) for name, label in names.items()}


def _event(concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    label = _("Version of the consent form (ICF)") if concept.id == CONSENT else ""
    when = desk.moment(_("When it happened"), time_required=False, help_text=_whole_day())
    to = {"value": version_field(desk.versions)} if concept.id == CONSENT else {}
    return {"at": when, **to, **given_fields(concept), "detail": _detail(label)}


def version_field(versions: Sequence[Protocol]) -> forms.CharField:
    """The versions of the protocol that may be consented to, the newest chosen."""
    choices = [(each.version, rules_words(each.version, each.hash)) for each in versions]
    return forms.CharField(
        label=_("Protocol version consented to"), required=bool(versions), widget=forms.Select(choices=choices),
        help_text=_("From this consent on, its rules apply to this participant."),
    )  # fmt: skip


def _interval(concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    until = desk.moment(_("When it ended"), time_required=False, required=False, help_text=_("Empty while it lasts."))
    start = desk.moment(_("When it began"), time_required=False, help_text=_whole_day())
    is_hold = concept.id == desk.voice.protocol.hold.concept
    why = forms.CharField(label=_("Reason of the hold"), max_length=500, help_text=_("Everybody at the site reads it."))
    return {"at": start, "until": until, **given_fields(concept), "detail": why if is_hold else _detail()}


def _answer(concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    when = desk.moment(_("Since when it holds"), time_required=False)
    return {**value_fields(concept, desk, required=True), "at": when, "detail": _detail()}


def _result(concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    out = desk.moment(_("When the result was out"), required=False, help_text=_("Empty while the result is awaited."))
    collected = desk.moment(_("When the sample was collected"), time_required=False)
    return {"at": collected, **value_fields(concept, desk, required=False), "resulted_at": out, "detail": _detail()}


def _quantity(concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    label = _("When the sample was collected") if is_sample(concept) else _("When it was measured")
    fields: dict[str, forms.Field] = {"at": desk.moment(label, time_required=False)}
    fields |= value_fields(concept, desk, required=not concept.panel)
    if concept.panel:
        fields["resulted_at"] = desk.moment(_("When the result was out"), required=False)
    return {**fields, "detail": _detail()}


def _review(_concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    help_text = _("You say that you looked, and that all found up to then is recorded here.")
    return {"at": desk.moment(_("When you looked"), time_required=False, help_text=help_text), "detail": _detail()}


def _date(_concept: Concept, desk: Desk) -> dict[str, forms.Field]:
    return {"at": desk.moment(_("Date"), date_only=True), "detail": _detail()}


def value_fields(concept: Concept, desk: Desk, *, required: bool) -> dict[str, forms.Field]:
    """What was found: a number with its unit, or one of the concept's choices."""
    if concept.kind == "quantity":
        return _number_fields(concept, required=required)
    choices = [(choice.code, desk.voice.label(choice)) for choice in concept.choices]
    label = _("Answer") if concept.kind == "answer" else _("Result")
    return {"value": forms.CharField(label=label, required=required, widget=forms.RadioSelect(choices=choices))}


def _number_fields(concept: Concept, *, required: bool) -> dict[str, forms.Field]:
    attrs = {"inputmode": "decimal", "autocomplete": "off"}
    help_text = _("As reported, with a point: 12.5. A bound is written < 0.5.")
    fields: dict[str, forms.Field] = {
        "value": forms.CharField(
            label=_("Value"), required=required, widget=forms.TextInput(attrs=attrs), help_text=help_text
        ),
        "unit": unit_field(concept),
    }
    if concept.needs_upper_limit:
        fields["upper_limit"] = forms.CharField(
            label=_("Upper limit of normal"), required=False, widget=forms.TextInput(attrs=attrs)
        )
    return fields


_BY_KIND: Mapping[str, Callable[[Concept, Desk], dict[str, forms.Field]]] = {
    "event": _event,
    "interval": _interval,
    "answer": _answer,
    "result": _result,
    "quantity": _quantity,
    "review": _review,
    "date": _date,
}
