"""Signatures as people read them: who stands for what, since when, and whether it still covers what is recorded."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from tracker.admin.alert_card import person, role_words
from tracker.models import Participant, Signature
from tracker.services.signatures import changed_since, changes_since
from tracker.wording import Voice, rules_words
from tracker.wording.joining import listed


@dataclass(frozen=True, slots=True)
class SignatureWords:
    """One signature, and by which rules was decided what it is under.

    `changed` names what reads otherwise now; "" while it covers what is recorded.
    """

    meaning: str
    who: str
    when: str
    changed: str
    rules: str


def signature_rows(voice: Voice, participant: Participant) -> list[SignatureWords]:
    """Every signature about a participant, newest first."""
    mine = Q(step_record__participant=participant) | Q(deviation__participant=participant)
    related = (
        "signer", "step_record__fact", "step_record__participant__study", "deviation__participant__study",
        "deviation__step_record",
    )  # fmt: skip
    rows = list(Signature.objects.filter(mine).select_related(*related).order_by("-signed_at", "-pk"))
    return [_words(voice, row, changed) for row, changed in zip(rows, changes_since(rows), strict=True)]


def signature_words(voice: Voice, signature: Signature) -> SignatureWords:
    """One signature in words."""
    return _words(voice, signature, changed_since(signature))


def _words(voice: Voice, signature: Signature, parts: tuple[str, ...]) -> SignatureWords:
    who = {"person": person(signature.signer), "role": role_words(voice, signature.role)}
    changed = listed(_part(voice, name) for name in parts)
    return SignatureWords(
        meaning=str(signature.get_meaning_display()),
        who=_("%(person)s (%(role)s)") % who if signature.role else who["person"],
        when=voice.at(signature.signed_at),
        rules=rules_words(signature.content.get("protocol_version", ""), signature.content.get("protocol_hash", "")),
        changed=_("signature no longer covers: %(what)s") % {"what": changed} if changed else "",
    )


def _part(voice: Voice, name: str) -> str:
    own = {
        "happened_at": _("the time of the step"), "in_error": _("that the step happened"),
        "signature": _("what was signed itself"),
    }  # fmt: skip
    return own.get(name) or voice.concept(name)
