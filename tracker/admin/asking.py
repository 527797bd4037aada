"""Numbers that people rarely have: the question beside one, until it is corrected or said to be checked."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from tracker.services.questions import Question, question
from workflow.protocol import Protocol


def ask_about(form: forms.Form, protocol: Protocol, concept: str, cleaned: dict[str, Any]) -> dict[str, Any]:
    """Put the question beside a number that people rarely have, until it is corrected or said to be checked.

    The answer names the number that was asked about: it holds for no other.
    """
    found = question(protocol, concept, str(cleaned.get("value", "")), str(cleaned.get("unit", "")))
    if found is None:
        return cleaned
    keep = [(found.typed, _("Keep %(typed)s, checked") % {"typed": found.typed})]
    form.fields["kept"] = forms.ChoiceField(
        label=_("Or"), required=False, choices=keep, widget=forms.RadioSelect
    )  # fmt: skip
    if form.data.get(form.add_prefix("kept")) == found.typed:
        return {**cleaned, "kept": True}
    form.add_error("value", question_words(found))
    return cleaned


def question_words(found: Question) -> str:
    """The question in a sentence or two."""
    asked = _("%(typed)s? People usually have %(range)s.") % {"typed": found.typed, "range": found.usual}
    return f"{asked} {_('Perhaps %(meant)s?') % {'meant': found.meant_words}}" if found.meant else asked


def keep_typed_unit(form: forms.Form, name: str) -> None:
    """Let a unit that is not offered stand in the list, so that it is not lost when the form comes back."""
    widget = form.fields[name].widget if name in form.fields else None
    typed = form.data.get(form.add_prefix(name), "") if form.is_bound else ""
    if isinstance(widget, forms.Select) and typed and typed not in dict(widget.choices):
        widget.choices = [*widget.choices, (typed, typed)]
