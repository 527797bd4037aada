"""An amendment on its way: the study adopts it, a participant consents to it, and what is asked afterwards."""

from io import StringIO

from django.core.management import call_command
from django.test import Client

from tests.amended import AMENDED
from tests.builders import House, at, record
from tracker.models import Participant, RecordedFact, User
from tracker.services import versions

ADOPTED = "2026-04-05 09:00"
RECONSENTED = "2026-04-06 09:00"


def adopt(house: House, chief: User, *, name: str = AMENDED, reason: str = "Approved by the ethics committee") -> None:
    versions.adopt(study=house.study, protocol_id=name, reason=reason, by=chief, now=at(ADOPTED))
    house.study.refresh_from_db()


def reconsent(participant: Participant, house: House, when: str = RECONSENTED) -> RecordedFact:
    return record(participant, "consent", when, "2", by=house["pi"], detail="ICF 2.0")


def explained(participant: Participant, when: str) -> str:
    out = StringIO()
    call_command("explain", participant.subject_number, "--at", at(when).isoformat(), stdout=out)
    return out.getvalue()


def offered(client: Client, page: str) -> list[str]:
    """The protocols that a study's form lets choose."""
    return [value for value, _label in client.get(page).context["adminform"].form.fields["protocol_id"].choices]
