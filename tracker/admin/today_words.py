"""A thing to do in words, and its button: the very form on which it is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.access import Action, action_of
from tracker.admin.buttons import Button
from tracker.admin.gate_card import Reader
from tracker.admin.step_words import step_label
from tracker.models import RecordedFact, Work, WorkItem
from tracker.services.facts import action_for
from tracker.wording import Voice, basis_words, clause_title
from workflow.findings import Outcome
from workflow.stages import Step

_CHANGED = (Outcome.FAIL.value, Outcome.STALE.value)
"""What is there already, and has to be done again."""


@dataclass(frozen=True, slots=True)
class Doer:
    """For whom buttons are made, at an instant; `facts` are the newest versions of the facts that items name."""

    reader: Reader
    facts: Mapping[str, RecordedFact]
    now: datetime


def what_to_do(voice: Voice, item: WorkItem, now: datetime) -> str:
    """The thing to do as a sentence that tells somebody to do it."""
    action = Work(item.action)
    if action in (Work.PLAN, Work.TAKE, Work.LATER):
        return _about_a_step(voice, item, action, now)
    if action in (Work.DEVIATION, Work.DECIDE):
        return _about_a_clause(voice, item, action)
    words = {"concept": voice.concept(item.subject) if item.subject in voice.protocol.concepts else item.subject}
    again = item.state in _CHANGED and all(clause != "order" for clause, _number, _outcome in item.about)
    return {
        Work.PANEL: _("Enter new laboratory results") if again else _("Enter the laboratory results"),
        Work.RECORD: _("Record again: %(concept)s") if again else _("Record: %(concept)s"),
        Work.MEASURE: _("Measure again: %(concept)s") if again else _("Measure: %(concept)s"),
        Work.SAMPLE: _("Draw a sample: %(concept)s"),
        Work.RESULT: _("Enter the result: %(concept)s"),
        Work.END: _("Say whether this has ended: %(concept)s"),
        Work.LIMIT: _("Add the upper limit of normal: %(concept)s"),
        Work.LOOK_BACK: _("Document: %(concept)s"),
        Work.RELEASE: _("End the hold, or say why it stands"),
    }[action] % words  # fmt: skip


def _about_a_step(voice: Voice, item: WorkItem, action: Work, now: datetime) -> str:
    words = {"step": step_label(voice, Step(item.subject)), "from": voice.at(item.opens_at) if item.opens_at else ""}
    if action is Work.PLAN:
        return _("Plan a date: %(step)s") % words
    if action is Work.TAKE:
        passed = item.due_at is not None and item.due_at < now
        return (_("Say whether it was started, moved or cancelled: %(step)s") if passed else "%(step)s") % words
    if item.opens_at:
        return _("Move the plan to %(from)s or later: %(step)s") % words
    return _("Move the plan: %(step)s") % words


def _about_a_clause(voice: Voice, item: WorkItem, action: Work) -> str:
    words = {"clause": clause_title(voice.protocol, item.subject, voice.language)}
    if action is Work.DEVIATION:
        return _("Complete and sign the deviation: %(clause)s") % words
    return _("Decide: %(clause)s") % words


def basis_of(voice: Voice, clause: str) -> str:
    """Where a clause comes from; "" for one that an amendment took out."""
    try:
        return basis_words(voice.protocol.basis_of(clause))
    except KeyError:
        return ""


def buttons_for(doer: Doer, item: WorkItem) -> Iterator[Button]:
    """What the reader may do about it, the first thing first; nothing for whose roles do not include it."""
    action, may, here = Work(item.action), doer.reader.may, item.participant_id
    if action is Work.TAKE:
        yield from _step_buttons(doer, item)
    elif action in (Work.PLAN, Work.LATER) and may(Action.PLAN):
        label = _("Set the date…") if action is Work.PLAN else _("Move the plan…")
        yield Button(label, reverse("admin:tracker_plan", args=[here, item.subject]))
        if action is Work.PLAN and _conditions_open(item):
            gate = f"{reverse('admin:tracker_participant_change', args=[here])}#gt"
            yield Button(_("What it needs"), gate)
    elif action is Work.DEVIATION and (may(Action.COMPLETE_DEVIATION) or may(Action.CLOSE_DEVIATION)):
        yield Button(_("Open the deviation"), reverse("admin:tracker_deviation_change", args=[item.row]))
    elif action is Work.DECIDE and may(Action.ACKNOWLEDGE):
        yield Button(_("Open the participant"), reverse("admin:tracker_participant_change", args=[here]))
    elif action is Work.RELEASE and may(Action.HOLD):
        yield from _release_button(doer, item)
    elif action in _FORMS and may(action_for(item.subject, doer.reader.voice.protocol)):
        yield from _form_button(doer, item, action)


def _step_buttons(doer: Doer, item: WorkItem) -> Iterator[Button]:
    step, here = Step(item.subject), [item.participant_id, item.subject]
    if doer.reader.may(action_of(step)):
        yield Button(step_label(doer.reader.voice, step), reverse("admin:tracker_step", args=here))
    if item.due_at and item.due_at < doer.now and doer.reader.may(Action.PLAN):
        yield Button(_("Move the plan…"), reverse("admin:tracker_plan", args=here))


def _release_button(doer: Doer, item: WorkItem) -> Iterator[Button]:
    if (fact := doer.facts.get(item.row)) is not None:
        page = "fact_end" if fact.participant_id else "study_hold_end"
        yield Button(_("End the hold…"), reverse(f"admin:tracker_{page}", args=[item.participant_id, fact.pk]))


_FORMS = {
    Work.PANEL: "panel", Work.RECORD: "fact_add", Work.MEASURE: "fact_add", Work.SAMPLE: "fact_add",
    Work.LOOK_BACK: "therapy", Work.RESULT: "fact_result", Work.END: "fact_end", Work.LIMIT: "fact_correct",
}  # fmt: skip
"""The page on which each is done."""


def _form_button(doer: Doer, item: WorkItem, action: Work) -> Iterator[Button]:
    label = {
        Work.PANEL: _("Enter results"), Work.RECORD: _("Record…"), Work.MEASURE: _("Enter the value"),
        Work.SAMPLE: _("Record the sample"), Work.LOOK_BACK: _("Document look-back"),
        Work.RESULT: _("Enter the result"), Work.END: _("Record its end"), Work.LIMIT: _("Add the upper limit"),
    }[action]  # fmt: skip
    if _is_question(doer, item, action):
        yield Button(_("Answer the questions"), reverse("admin:tracker_answers", args=[item.participant_id]))
        return
    about: list[object] = [item.subject] if _FORMS[action] == "fact_add" else []
    if item.row:
        fact = doer.facts.get(item.row)
        if fact is None:
            return
        about = [fact.pk]
    yield Button(label, reverse(f"admin:tracker_{_FORMS[action]}", args=[item.participant_id, *about]))


def _is_question(doer: Doer, item: WorkItem, action: Work) -> bool:
    """Whether it is one of the questions that are answered together."""
    concept = doer.reader.voice.protocol.concepts.get(item.subject)
    return action is Work.RECORD and item.state == Outcome.MISSING and concept is not None and concept.kind == "answer"


def _conditions_open(item: WorkItem) -> int:
    """How many conditions of the next step are open."""
    outlook = getattr(item.participant, "outlook", None)
    return outlook.open_conditions if outlook and outlook.next_step == item.subject else 0
