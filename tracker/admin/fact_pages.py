"""Pages on which facts are recorded, completed, corrected and withdrawn."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from tracker import access
from tracker.admin.fact_card import value_words, when_words
from tracker.admin.fact_forms import CorrectionForm, EndForm, FactForm, ResultForm, initial_of, remembered
from tracker.admin.gate_card import next_gate
from tracker.admin.open_answers import open_answers
from tracker.admin.pages import FormPage, ParticipantPage
from tracker.admin.recordable import groups, panel_concepts, recordable, therapy_concepts
from tracker.admin.service_forms import ReasonForm, reason_field
from tracker.evaluation import evaluate_participant, fact_of
from tracker.models import Fate, Import, RecordedFact
from tracker.services import facts
from tracker.services.versions import version_of_consent
from tracker.wording.joining import about, listed, phrased
from workflow.concepts import Concept
from workflow.versions import CONSENT


class FactMenu(ParticipantPage):
    """Everything that can be recorded about a participant, by kind."""

    action = access.Action.RECORD_FACT

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """The list; the laboratory's quantities stand on one screen together."""
        panel = panel_concepts(self.protocol)
        single = tuple(concept for concept in recordable(self.protocol) if concept not in panel and self._may(concept))
        shown = [
            (
                group.key,
                group.title,
                [(concept.id, self.voice.label(concept), concept.kind) for concept in group.concepts],
            )
            for group in groups(single)
        ]
        evaluation = evaluate_participant(self.participant, as_of=self.now)
        whole = [each for each in self.protocol.concepts.values() if each.study_level and each.kind != "derived"]
        context = {
            "heading": _("Enter a fact"),
            "groups": shown,
            "questions": len(open_answers(self.protocol, next_gate(evaluation))),
            "panel": listed(self.voice.label(concept) for concept in panel),
            "therapies": listed(self.voice.label(concept) for concept in therapy_concepts(self.protocol)),
            "pastes": self._pastes(),
            "of_study": [(concept.id, self.voice.label(concept)) for concept in whole],
        }
        return self.page("tracker/fact_menu.html", context)

    def _pastes(self) -> list[tuple[int, str, int]]:
        """What was pasted on this participant's page, newest first, and how many lines of it wait."""
        waiting = Count("lines", filter=Q(lines__fate=Fate.WAITING))
        hidden = access.pastes_hidden_from(self.staff, self.now)
        rows = Import.objects.filter(participant=self.participant).exclude(pk__in=hidden).annotate(waiting=waiting)
        return [(row.pk, self.voice.at(row.pasted_at), row.waiting) for row in rows.order_by("-waiting", "-pk")[:5]]

    def _may(self, concept: Concept) -> bool:
        return self.may(facts.action_for(concept.id, self.protocol))


class AddFact(FormPage):
    """A new fact of one concept."""

    def needed_action(self) -> access.Action:
        """A hold is the investigators' to put."""
        return facts.action_for(self.kwargs["concept"], self.protocol)

    @cached_property
    def subject(self) -> Concept:
        """What is recorded. Raises Http404."""
        found = self.concept(self.kwargs["concept"])
        if found not in recordable(self.protocol):
            raise Http404(_("This is recorded by taking the step."))
        return found

    def heading(self) -> str:
        """The concept's label."""
        return self.voice.label(self.subject)

    def form(self, data: Any = None) -> FactForm:
        """The concept's own form; laboratory units as this site used them last, the time as now."""
        initial: dict[str, Any] = {"at": self.desk.minute}
        if self.subject.kind == "quantity":
            initial |= remembered(self.subject, self.participant.site_id)
        return FactForm(self.subject, self.desk, data, initial=initial)

    def save(self, form: FactForm) -> str:
        """Record it."""
        facts.record_fact(participant=self.participant, entry=form.entry(), by=self.staff, now=self.now)
        return _("Recorded: %(concept)s.") % {"concept": self.voice.label(self.subject)}


class AddStudyFact(AddFact):
    """A date or a hold of the whole study, for all its participants; a new date replaces the one before it."""

    @cached_property
    def subject(self) -> Concept:
        """What is recorded. Raises Http404."""
        found = self.protocol.concepts.get(self.kwargs["concept"])
        if found is None or not (found.study_level or found.id == self.protocol.hold.concept):
            raise Http404(_("This protocol records nothing of that name for the study."))
        return found

    def submit(self) -> str:
        """The consequence."""
        return _("Save for the whole study")

    def form(self, data: Any = None) -> FactForm:
        """A date that is on record is moved, with the reason."""
        form = super().form(data)
        is_hold = self.subject.id == self.protocol.hold.concept
        if not is_hold and facts.date_on_record(self.participant.study, self.subject.id):
            form.fields["reason"] = reason_field()
        return form

    def save(self, form: FactForm) -> str:
        """Record it for the study."""
        facts.record_fact(
            study=self.participant.study, entry=form.entry(), by=self.staff, now=self.now,
            reason=form.cleaned_data.get("reason", ""),
        )  # fmt: skip
        return _("Recorded for the study: %(concept)s.") % {"concept": self.voice.label(self.subject)}


class DrawSample(ParticipantPage):
    """One click: the sample was drawn now. POST only."""

    action = access.Action.RECORD_FACT
    http_method_names = ["post"]

    def post(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Record the collected sample; its result comes later."""
        concept = self.concept(self.kwargs["concept"])
        if concept.kind != "result":
            raise Http404(_("No sample is collected for this."))
        entry = facts.FactEntry(concept=concept.id, at=self.desk.minute)
        facts.record_fact(participant=self.participant, entry=entry, by=self.staff, now=self.now)
        words = {"concept": self.voice.label(concept), "when": self.voice.at(self.desk.minute)}
        said = _("Sample recorded: %(concept)s, collected %(when)s. Enter the result when it is out.")
        return self.done(said % words)


class FactPage(FormPage):
    """A page about one recorded fact, in its speaking version."""

    def needed_action(self) -> access.Action:
        """A hold is the investigators' to end or to correct."""
        return facts.action_for(self.fact.concept, self.protocol)

    @cached_property
    def fact(self) -> RecordedFact:
        """The newest version of the fact. Raises Http404 for another participant's."""
        mine = self.facts_in_reach()
        asked = mine.filter(pk=self.kwargs["fact"]).first()
        if asked is None:
            raise Http404(_("There is no such entry."))
        newest = mine.filter(key=asked.key).order_by("-version").first() or asked
        if newest.participant_id:
            newest.participant = self.participant
        return newest

    def facts_in_reach(self) -> QuerySet[RecordedFact]:
        """The participant's own."""
        return RecordedFact.objects.filter(participant=self.participant)

    @cached_property
    def subject(self) -> Concept:
        """What the fact is about. Raises Http404 where the protocol does not know it any more."""
        return self.concept(self.fact.concept)

    def context(self, form: Any) -> dict[str, Any]:
        """What the fact says now stands above the form."""
        said = [value_words(self.voice, self.fact), when_words(self.voice, self.fact)]
        words = about(self.voice.label(self.subject), phrased(said))
        return {**super().context(form), "about": words}


class EnterResult(FactPage):
    """The result of a sample collected earlier."""

    def heading(self) -> str:
        """The question."""
        return _("What is the result?")

    def form(self, data: Any = None) -> ResultForm:
        """Value and time; units as this site used them last."""
        collected = self.fact.at
        initial: dict[str, Any] = {"resulted_at": max(self.desk.minute, collected)}
        if self.subject.kind == "quantity":
            initial |= remembered(self.subject, self.participant.site_id)
        return ResultForm(self.subject, self.desk, data, initial=initial)

    def save(self, form: ResultForm) -> str:
        """Complete the sample."""
        typed = form.cleaned_data
        facts.record_result(
            fact=self.fact, value=typed["value"], resulted_at=typed["resulted_at"], by=self.staff, now=self.now,
            unit=typed.get("unit", ""), upper_limit=typed.get("upper_limit", ""), kept=bool(typed.get("kept")),
        )  # fmt: skip
        return _("Result recorded: %(concept)s.") % {"concept": self.voice.label(self.subject)}


class EndInterval(FactPage):
    """The end of something that lasts."""

    def heading(self) -> str:
        """The question."""
        return _("When did it end?")

    def form(self, data: Any = None) -> EndForm:
        """One time."""
        return EndForm(self.desk, data)

    def save(self, form: EndForm) -> str:
        """Record the end."""
        facts.end_interval(fact=self.fact, until=form.cleaned_data["until"], by=self.staff, now=self.now)
        return _("End recorded: %(concept)s.") % {"concept": self.voice.label(self.subject)}


class EndStudyHold(EndInterval):
    """The end of a hold of the whole study."""

    def facts_in_reach(self) -> QuerySet[RecordedFact]:
        """The study's holds."""
        return RecordedFact.objects.filter(study=self.participant.study, concept=self.protocol.hold.concept)

    def submit(self) -> str:
        """The consequence."""
        return _("Save for the whole study")


class CorrectFact(FactPage):
    """What was entered wrongly, entered rightly, with the reason; the old version stays readable."""

    def heading(self) -> str:
        """What is done here."""
        return _("Correct an entry")

    def submit(self) -> str:
        """What the button does."""
        return _("Correct; keep the old version beside it")

    def form(self, data: Any = None) -> CorrectionForm:
        """The fact's own form, filled with what it says."""
        initial = initial_of(fact_of(self.fact, self.protocol, self.participant.zone))
        if self.subject.id == CONSENT:
            initial["value"] = version_of_consent(self.participant, self.fact)
        initial |= {"dose": self.fact.dose, "route": self.fact.route}
        return CorrectionForm(self.subject, self.desk, data, initial=initial)

    def save(self, form: CorrectionForm) -> str:
        """Write the next version."""
        reason = form.cleaned_data["reason"]
        facts.correct_fact(fact=self.fact, entry=form.entry(), reason=reason, by=self.staff, now=self.now)
        return _("Corrected: %(concept)s. Both versions stay on record.") % {"concept": self.voice.label(self.subject)}


class WithdrawFact(FactPage):
    """An entry that should never have been made: it stays readable and counts no more."""

    def heading(self) -> str:
        """What is done here."""
        return _("Was this entered in error?")

    def submit(self) -> str:
        """What the button does."""
        return _("Mark as entered in error")

    def form(self, data: Any = None) -> ReasonForm:
        """The reason."""
        return ReasonForm(data)

    def save(self, form: ReasonForm) -> str:
        """Withdraw it."""
        facts.withdraw_fact(fact=self.fact, reason=form.cleaned_data["reason"], by=self.staff, now=self.now)
        return _("Marked as entered in error: %(concept)s.") % {"concept": self.voice.label(self.subject)}
