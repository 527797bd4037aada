"""Participants: registered, and moved along the journey by one function only."""

import unicodedata
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tracker import access
from tracker.errors import ParticipantInvalid
from tracker.models import Participant, Sex, Site, Study, User
from tracker.services import deadlines
from tracker.services.locking import lock
from tracker.services.steps import take_step

__all__ = ["register_participant", "take_step"]

_NOT_IN_A_NUMBER = frozenset("\"'/\\")
"""What would end a file's name, or begin another folder, where a file is named after a participant."""

_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode's categories of what controls a line rather than stands in it."""


def register_participant(
    *, study: Study, site: Site, subject_number: str, sex: str, birth_date: date, by: User, now: datetime,
    dose_level: str = "",
) -> Participant:  # fmt: skip
    """Open a record in the stage of screening. Raises NotAllowed, and ParticipantInvalid with all that is wrong."""
    today = now.astimezone(site.zone).date()
    if not access.may_at(by, access.Action.REGISTER, study, site, today):
        access.refuse(access.Action.REGISTER)
    new = Participant(
        study=study, site=site, subject_number=subject_number.strip(), sex=sex, birth_date=birth_date,
        dose_level=dose_level, created_at=now, protocol_id=study.protocol_id, first_protocol_id=study.protocol_id,
    )  # fmt: skip
    _check(new, today)
    try:
        with transaction.atomic():
            new.save()
            participant = lock(new.pk)
            deadlines.reconcile(participant, now)
    except IntegrityError as error:
        # Two people may register the same number in the same instant: the database decides.
        raise ParticipantInvalid({"subject_number": [_taken()]}) from error
    return participant


def _check(new: Participant, today: date) -> None:
    errors: dict[str, list[str]] = {}
    if not new.subject_number:
        errors["subject_number"] = [_("Give the subject number.")]
    elif len(new.subject_number) > 40:
        errors["subject_number"] = [_("At most 40 characters.")]
    elif any(map(_is_no_part_of_a_number, new.subject_number)):
        words = {"value": new.subject_number}
        said = _("“%(value)s” holds a quote, slash, line break or control character. Use letters, digits and hyphens.")
        errors["subject_number"] = [said % words]
    elif new.study.participants.filter(subject_number=new.subject_number).exists():
        errors["subject_number"] = [_taken()]
    if new.sex not in Sex.values:
        words = {"value": new.sex, "choices": ", ".join(Sex.values)}
        errors["sex"] = [_("“%(value)s” is not one of: %(choices)s.") % words]
    if new.birth_date > today:
        errors["birth_date"] = [_("The date of birth lies in the future.")]
    if new.dose_level and new.dose_level not in new.study.dose_levels:
        words = {"levels": ", ".join(new.study.dose_levels)}
        errors["dose_level"] = [_("The study does not list this dose level. Expected: %(levels)s.") % words]
    if errors:
        raise ParticipantInvalid(errors)


def _is_no_part_of_a_number(character: str) -> bool:
    return character in _NOT_IN_A_NUMBER or unicodedata.category(character) in _UNSEEN


def _taken() -> str:
    return _("This subject number is already taken in this study.")
