"""Attestations: every question that still waits for its answer, answered together, since one time."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.admin.desk import Desk
from tracker.admin.gate_card import next_gate
from tracker.admin.open_answers import answers, open_answers
from tracker.admin.pages import FormPage
from tracker.admin.service_forms import ServiceForm
from tracker.errors import Invalid
from tracker.evaluation import evaluate_participant
from tracker.services import facts
from workflow.concepts import Concept


class AnswersForm(ServiceForm):
    """One time for all, and a choice for each question; what is left open is not recorded."""

    def __init__(self, concepts: tuple[Concept, ...], desk: Desk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.concepts = concepts
        self.fields["at"] = desk.moment(_("Since when it holds"), time_required=False)
        for concept in concepts:
            choices = [(choice.code, desk.voice.label(choice)) for choice in concept.choices]
            widget = forms.RadioSelect(choices=choices)
            self.fields[concept.id] = forms.CharField(label=desk.voice.label(concept), required=False, widget=widget)

    def clean(self) -> dict[str, Any]:
        """At least one question is answered."""
        cleaned = super().clean() or {}
        if not any(cleaned.get(concept.id) for concept in self.concepts):
            raise forms.ValidationError(_("Answer at least one question."))
        return cleaned

    def entries(self) -> dict[str, facts.FactEntry]:
        """What was answered, for the service to judge."""
        typed = self.cleaned_data
        answered = [concept.id for concept in self.concepts if typed.get(concept.id)]
        return {name: facts.FactEntry(concept=name, at=typed["at"], value=typed[name]) for name in answered}


class EnterAnswers(FormPage):
    """The page on which they are answered."""

    template = "tracker/answers.html"

    def heading(self) -> str:
        """The page's name."""
        return _("Attestations")

    @cached_property
    def open(self) -> tuple[Concept, ...]:
        """The questions of the next step that wait for an answer, and what was answered on this very page."""
        evaluation = evaluate_participant(self.participant, as_of=self.now)
        asked = {concept.id for concept in open_answers(self.protocol, next_gate(evaluation))}
        sent = {name for name, value in self.request.POST.items() if value}
        return tuple(each for each in answers(self.protocol) if each.id in asked | sent)

    def form(self, data: Any = None) -> AnswersForm:
        """Nothing is chosen; they hold since now."""
        return AnswersForm(self.open, self.desk, data, initial={"at": self.desk.minute})

    def save(self, form: AnswersForm) -> str:
        """Record every answer, or none."""
        recorded = facts.record_all(participant=self.participant, entries=form.entries(), by=self.staff, now=self.now)
        said = ngettext("%(count)d answer recorded.", "%(count)d answers recorded.", len(recorded))
        return said % {"count": len(recorded)}

    def attach(self, form: Any, invalid: Invalid) -> None:
        """Messages by question; what is wrong with the time stands beside it once."""
        for name, messages in invalid.errors.items():
            question, _dot, field = name.partition(".")
            target = field if field == "at" else question
            form.attach({target: [said for said in messages if said not in form.errors.get(target, [])]})

    def context(self, form: Any) -> dict[str, Any]:
        """The time, and the questions."""
        return {**super().context(form), "questions": [form[concept.id] for concept in self.open]}
