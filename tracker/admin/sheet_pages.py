"""What is taken away about one participant: the checklist of a gate and the summary, as PDF files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.access import may_see_dose
from tracker.admin.alert_card import person
from tracker.admin.buttons import Button
from tracker.admin.checklist import Checklist, checklist_now, checklist_of, is_decision, stamp
from tracker.admin.journey_card import head
from tracker.admin.pages import ParticipantPage
from tracker.admin.pdf import sheet_response
from tracker.admin.step_words import step_label
from tracker.admin.summary import summary_of
from tracker.evaluation import evaluate_participant, timeline_of, versions_of
from tracker.models import Participant, StepRecord
from tracker.wording import Voice, short_hash
from workflow.answers import Evaluation
from workflow.stages import GUARDED_STEPS, Step


class SheetPage(ParticipantPage):
    """A sheet about one participant, for whoever may see her. It reads."""

    template: ClassVar[str]
    one_page: ClassVar[bool] = False

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The file, in the reader's language."""
        context = {**self.letterhead(), **self.sheet(**kwargs)}
        name = f"{self.participant.subject_number}-{self.file_word()}.pdf"
        return sheet_response(request, self.template, context, name, one_page=self.one_page)

    def sheet(self, **kwargs: Any) -> dict[str, Any]:
        """What the sheet shows. Raises Http404."""
        raise NotImplementedError

    def file_word(self) -> str:
        """What the file is called, behind the subject number."""
        raise NotImplementedError

    def voice_at(self, known: datetime) -> Voice:
        """The reader's words, as of an instant whose year need not be said."""
        return Voice(self.protocol, self.participant.zone, get_language() or "en", known)

    def letterhead(self) -> dict[str, Any]:
        """What every sheet says about the participant, the rules, and who printed it when."""
        study, language = self.participant.study, get_language() or "en"
        return {
            "participant": self.participant,
            "study": study.title_in(language),
            "site": self.participant.site.name_in(language),
            "protocol": f"{self.protocol.id} v{self.protocol.version}",
            "rules": short_hash(self.protocol.hash),
            "printed": stamp(self.voice, self.now),
            "printed_by": person(self.staff),
        }

    def head_at(self, known: datetime) -> dict[str, Any]:
        """Who the participant was at an instant; the dose level only for those who may see it."""
        evaluation = evaluate_participant(self.participant, as_of=known, known=known)
        timeline = timeline_of(self.participant).known_at(known)
        sees_dose = may_see_dose(self.staff, self.participant, self.today)
        return {"head": head(self.voice_at(known), self.participant, timeline, evaluation, sees_dose=sees_dose)}


class ChecklistPage(SheetPage):
    """One gate on one page."""

    template = "tracker/sheets/checklist.html"
    one_page = True

    def file_word(self) -> str:
        """The same in every language: files lie beside each other."""
        return "checklist"


class ChecklistNow(ChecklistPage):
    """The gate of a step, as known now."""

    def sheet(self, **kwargs: Any) -> dict[str, Any]:
        """The conditions of the step in the address. Raises Http404 for one that no gate guards."""
        if kwargs["step"] not in GUARDED_STEPS:
            raise Http404(_("No condition guards this step."))
        checklist = checklist_now(self.voice_at, self.participant, Step(kwargs["step"]), self.now)
        return {"checklist": checklist, **self.head_at(self.now)}


class ChecklistThen(ChecklistPage):
    """The gate of a recorded step, as known when it was decided."""

    def sheet(self, **kwargs: Any) -> dict[str, Any]:
        """The conditions as they were judged. Raises Http404 where the participant has no such decision."""
        found = self.participant.steps.select_related("recorded_by", "fact").filter(pk=kwargs["record"]).first()
        if found is None or not is_decision(found):
            raise Http404(_("There is no such decision."))
        found.participant = self.participant
        self.protocol = versions_of(self.participant).get(found.protocol_version, self.protocol)
        checklist: Checklist = checklist_of(self.voice_at, found)
        protocol = f"{self.protocol.id} v{found.protocol_version}"
        decided_by = {"protocol": protocol, "rules": short_hash(found.protocol_hash)}
        return {"checklist": checklist, **decided_by, **self.head_at(found.recorded_at)}


class SummaryPage(SheetPage):
    """The whole journey, on as many pages as it takes."""

    template = "tracker/sheets/summary.html"

    def file_word(self) -> str:
        """The same in every language."""
        return "summary"

    def sheet(self, **_kwargs: Any) -> dict[str, Any]:
        """The journey as it stands now."""
        return {**summary_of(self.voice, self.participant, self.now), **self.head_at(self.now)}


def sheet_buttons(
    voice: Voice, participant: Participant, evaluation: Evaluation, standing: Sequence[StepRecord]
) -> list[Button]:
    """Every sheet about a participant: the next gate as it stands, each decision as it was made, and the summary.

    `standing` are the steps that stand.
    """
    found = []
    step = evaluation.next_step
    if step in GUARDED_STEPS:
        label = _("Checklist now: %(step)s") % {"step": step_label(voice, Step(step))}
        found.append(Button(label, reverse("admin:tracker_checklist", args=[participant.pk, step])))
    found += [_button(voice, record) for record in standing if record.step in GUARDED_STEPS]
    summary = reverse("admin:tracker_summary", args=[participant.pk])
    return [*found, Button(_("Summary of the journey"), summary)]


def _button(voice: Voice, record: StepRecord) -> Button:
    words = {"step": step_label(voice, Step(record.step)), "when": voice.at(record.happened_at)}
    url = reverse("admin:tracker_checklist_decided", args=[record.participant_id, record.pk])
    return Button(_("Checklist as decided: %(step)s, %(when)s") % words, url)
