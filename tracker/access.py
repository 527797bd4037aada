"""Who may see whom, and who may do what: the one place where every query is scoped."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from tracker.errors import NotAllowed
from tracker.models import (
    Absence,
    Assignment,
    Duty,
    Import,
    ImportLine,
    Laboratory,
    Notification,
    Participant,
    Role,
    Site,
    Study,
    User,
)
from workflow.stages import Step


class Action(StrEnum):
    """What somebody may be allowed to do to a participant of the own site."""

    VIEW = "view"
    REGISTER = "register"
    RECORD_FACT = "record_fact"
    PLAN = "plan"
    ENROL = "enrol"
    LEUKAPHERESIS = "leukapheresis"
    LYMPHODEPLETION = "lymphodepletion"
    INFUSION = "infusion"
    FOLLOW_UP = "follow_up"
    COMPLETE = "complete"
    EXIT = "exit"
    ACKNOWLEDGE = "acknowledge"
    SEE_DOSE = "see_dose"
    HOLD = "hold"
    ACCEPT_PRODUCT = "accept_product"
    COMPLETE_DEVIATION = "complete_deviation"
    CLOSE_DEVIATION = "close_deviation"
    ARRANGE_COVER = "arrange_cover"
    READ_TRAIL = "read_trail"
    TAKE_COPY = "take_copy"
    REDACT = "redact"


_EVERYTHING = frozenset(Action)
_DOSE = frozenset({Action.SEE_DOSE})
_ANSWERS_FOR_THE_SITE = frozenset({Action.CLOSE_DEVIATION, Action.ACCEPT_PRODUCT, Action.REDACT})
_OVERSEES = frozenset({Action.READ_TRAIL, Action.TAKE_COPY})
_SEES, _WORKS = frozenset({Action.VIEW}), frozenset({Action.VIEW, Action.RECORD_FACT, Action.ACKNOWLEDGE})

MATRIX: Mapping[str, frozenset[Action]] = {
    Role.PI: _EVERYTHING,
    Role.SUB_I: _EVERYTHING - _ANSWERS_FOR_THE_SITE,
    Role.CRC: _EVERYTHING - _ANSWERS_FOR_THE_SITE - _DOSE - _OVERSEES - {Action.HOLD},
    Role.WARD_NURSE: _WORKS | {Action.PLAN, Action.LYMPHODEPLETION, Action.INFUSION, Action.FOLLOW_UP},
    Role.APHERESIS_NURSE: _WORKS | {Action.PLAN, Action.LEUKAPHERESIS},
    Role.PHARMACIST: frozenset({Action.VIEW, Action.ACKNOWLEDGE, Action.SEE_DOSE}),
    Role.CELL_LAB: _WORKS | _DOSE,
    Role.DATA_MANAGER: _WORKS | _OVERSEES | {Action.ARRANGE_COVER, Action.REDACT},
    Role.MONITOR: _SEES | {Action.READ_TRAIL},
    Role.SPONSOR: _SEES | _DOSE,
}
"""What each role may do. Site practice: change it here, and nowhere else."""

EXITS = frozenset({Step.SCREEN_FAIL, Step.WITHDRAW, Step.RECORD_DEATH, Step.LOSE_TO_FOLLOW_UP})
"""The steps that end a journey early."""


def action_of(step: Step) -> Action:
    """The action under which a step is permitted; a re-screening is a registration."""
    if step in EXITS:
        return Action.EXIT
    return Action.REGISTER if step is Step.RESCREEN else Action(step.value)


SIGNED = frozenset({Action.CLOSE_DEVIATION, *map(action_of, Step)})
"""What somebody may have to sign: the closing of a deviation, and any step, which is signed where the
protocol asks so, where it is reported afterwards, and where it is corrected."""


def participants_visible_to(user: User | AnonymousUser, now: datetime) -> QuerySet[Participant]:
    """The participants of the sites and studies the person is assigned to at an instant; all for a superuser.

    Whether an assignment holds is asked on each site's own calendar.
    """
    everybody: QuerySet[Participant] = Participant.objects.all()
    if user.is_superuser and user.is_active:
        return everybody
    return everybody.filter(_held_there(user, Action.VIEW, now))


def participants_overseen_by(user: User, now: datetime) -> QuerySet[Participant]:
    """The participants of the sites whose whole audit trail the person may read; all for a superuser."""
    everybody: QuerySet[Participant] = Participant.objects.all()
    if user.is_superuser and user.is_active:
        return everybody
    return everybody.filter(_held_there(user, Action.READ_TRAIL, now))


def assignments_overseen_by(user: User, now: datetime) -> QuerySet[Assignment]:
    """Who does what at the sites whose whole audit trail the person may read; all for a superuser."""
    everybody = Assignment.objects.all()
    if user.is_superuser and user.is_active:
        return everybody
    return everybody.filter(_held_there(user, Action.READ_TRAIL, now))


def pastes_hidden_from(user: User | AnonymousUser, now: datetime) -> QuerySet[Import]:
    """The pastes with a line about anybody the person may not see: text and lines tell of all of them together."""
    about_others = ImportLine.objects.exclude(participant=None).exclude(
        participant__in=participants_visible_to(user, now)
    )
    return Import.objects.filter(pk__in=about_others.values("batch"))


def known_by_name(reader: User, working: QuerySet[User]) -> QuerySet[User]:
    """Whom a reader may know by name: those who work where the trail is of, herself, and whoever has no assignment.

    The last is who sets up, and nobody's secret.
    """
    return User.objects.filter(Q(pk__in=working) | Q(assignments=None) | Q(pk=reader.pk))


def staff_of(site: Site) -> QuerySet[User]:
    """Everybody who works or ever worked at a site."""
    return User.objects.filter(assignments__site=site).distinct()


def messages_visible_to(user: User, now: datetime) -> QuerySet[Notification]:
    """The messages about the participants the person may see, and her own digests; all for a superuser."""
    return messages_about(participants_visible_to(user, now), user)


def messages_about(visible: QuerySet[Participant], user: User) -> QuerySet[Notification]:
    """The same, for whoever has asked already which participants the person may see."""
    every = Notification.objects.all()
    if user.is_superuser and user.is_active:
        return every
    return every.filter(Q(alert__deadline__participant__in=visible) | Q(alert=None, recipient=user))


def colleagues_of(user: User, now: datetime) -> QuerySet[User]:
    """Everybody with a role in force at a site where the person has one, herself included; all for a superuser."""
    held = Assignment.objects.active_at(now)
    if not (user.is_superuser and user.is_active):
        held = held.filter(site__in=held.filter(user=user).values("site"))
    return User.objects.filter(pk__in=held.values("user"))


def assignments_visible_to(user: User, now: datetime) -> QuerySet[Assignment]:
    """The assignments in force at the sites where the person has one; all in force for a superuser."""
    held = Assignment.objects.active_at(now).select_related("user", "study", "site")
    if user.is_superuser and user.is_active:
        return held
    return held.filter(site__in=Assignment.objects.active_at(now).filter(user=user).values("site"))


def laboratories_visible_to(user: User, now: datetime) -> QuerySet[Laboratory]:
    """The laboratories of the sites where the person has an assignment in force; all for a superuser."""
    every = Laboratory.objects.all()
    if user.is_superuser and user.is_active:
        return every
    return every.filter(site__in=Assignment.objects.active_at(now).filter(user=user).values("site"))


def absences_visible_to(user: User, now: datetime) -> QuerySet[Absence]:
    """The absences of the people whom she works with, and her own."""
    return Absence.objects.filter(Q(user__in=colleagues_of(user, now)) | Q(user=user))


def duties_visible_to(user: User, now: datetime) -> QuerySet[Duty]:
    """The duties on call at the sites where she works."""
    return Duty.objects.filter(assignment__in=assignments_visible_to(user, now)).select_related(
        "assignment__user", "assignment__site"
    )


def with_dose_seen_by(user: User, people: QuerySet[Participant], now: datetime) -> QuerySet[Participant]:
    """Give each row `dose_seen`: the dose level, "" where none is assigned, None where the person is blinded to it."""
    if user.is_superuser and user.is_active:
        return people.annotate(dose_seen=F("dose_level"))
    open_to_all = When(study__blinded_dose=False, then=F("dose_level"))
    unblinded = When(_held_there(user, Action.SEE_DOSE, now), then=F("dose_level"))
    return people.annotate(dose_seen=Case(open_to_all, unblinded, default=Value(None), output_field=CharField()))


def may_see_dose(user: User, participant: Participant, on: date) -> bool:
    """Whether the person may read the dose level: everybody at the site, unless the study is blinded to it."""
    return not participant.study.blinded_dose or may(user, Action.SEE_DOSE, participant, on)


def roles_of(user: User, participant: Participant, on: date) -> frozenset[str]:
    """The roles the person has at the participant's site and study on a day."""
    return roles_at(user, participant.study, participant.site, on)


def roles_at(user: User, study: Study, site: Site, on: date) -> frozenset[str]:
    """The roles the person has at a site of a study on a day."""
    held = Assignment.objects.active(on).filter(user=user, study=study, site=site)
    return frozenset(held.values_list("role", flat=True))


Place = tuple[int, int]
"""A study and a site, by their keys."""


def roles_by_place(user: User, now: datetime) -> dict[Place, frozenset[str]]:
    """The roles that a person has at an instant, at every site of every study where she has one."""
    held: dict[Place, set[str]] = {}
    rows = Assignment.objects.active_at(now).filter(user=user).order_by("study", "site", "role")
    for study, site, role in rows.values_list("study", "site", "role"):
        held.setdefault((study, site), set()).add(role)
    return {place: frozenset(roles) for place, roles in held.items()}


def may(user: User, action: Action, participant: Participant, on: date) -> bool:
    """Whether the person may do this to this participant on a day of the site's calendar."""
    return permits(user, action, roles_of(user, participant, on))


def may_at(user: User, action: Action, study: Study, site: Site, on: date) -> bool:
    """Whether the person may do this at a site of a study on a day of the site's calendar."""
    return permits(user, action, roles_at(user, study, site, on))


def may_for_study(user: User, action: Action, study: Study, now: datetime) -> bool:
    """Whether the person may do this for the study as a whole: allowed at any of its sites at an instant."""
    held = Assignment.objects.active_at(now).filter(user=user, study=study).values_list("role", flat=True)
    return permits(user, action, frozenset(held))


def signs(user: User, now: datetime) -> bool:
    """Whether the person holds a role in force at an instant in which something is signed."""
    roles = {role for role, actions in MATRIX.items() if actions & SIGNED}
    return Assignment.objects.active_at(now).filter(user=user, role__in=roles).exists()


def demand(user: User, action: Action, participant: Participant, on: date) -> None:
    """Raise NotAllowed unless the person may do this to this participant."""
    if not may(user, action, participant, on):
        refuse(action)


def refuse(action: Action) -> None:
    """Raise NotAllowed, with a sentence that names the action but no participant."""
    raise NotAllowed(_("Your roles at this site do not include this: %(action)s.") % {"action": action_words(action)})


def action_words(action: Action) -> str:
    """What an action is called in a sentence, in the active language."""
    return {
        Action.VIEW: _("see a participant"),
        Action.REGISTER: _("register a participant"),
        Action.RECORD_FACT: _("record and correct facts"),
        Action.PLAN: _("plan a step"),
        Action.ENROL: _("enrol"),
        Action.LEUKAPHERESIS: _("start leukapheresis"),
        Action.LYMPHODEPLETION: _("start lymphodepletion"),
        Action.INFUSION: _("start infusion"),
        Action.FOLLOW_UP: _("start follow-up"),
        Action.COMPLETE: _("complete the study"),
        Action.EXIT: _("end the journey early"),
        Action.ACKNOWLEDGE: _("acknowledge an alert"),
        Action.SEE_DOSE: _("see the dose level"),
        Action.HOLD: _("put on hold"),
        Action.ACCEPT_PRODUCT: _("accept a product out of specification"),
        Action.COMPLETE_DEVIATION: _("complete a deviation"),
        Action.CLOSE_DEVIATION: _("close a deviation"),
        Action.ARRANGE_COVER: _("arrange who stands in and who is on call"),
        Action.READ_TRAIL: _("read the audit trail of a site"),
        Action.TAKE_COPY: _("take a copy of a participant’s record"),
        Action.REDACT: _("ask for a value to be taken out"),
    }[action]


def permits(user: User, action: Action, roles: frozenset[str]) -> bool:
    """Whether these roles of a person include an action; everything is a superuser's."""
    return user.is_active and (user.is_superuser or any(action in MATRIX.get(role, frozenset()) for role in roles))


def _held_there(user: User | AnonymousUser, action: Action, now: datetime) -> Exists:
    held = Assignment.objects.active_at(now).filter(user=user.pk, role__in=roles_that_may(action))
    return Exists(held.filter(study=OuterRef("study"), site=OuterRef("site")))


def roles_that_may(action: Action) -> list[str]:
    """The roles that include an action, wherever somebody has one of them."""
    return [role for role, actions in MATRIX.items() if action in actions]
