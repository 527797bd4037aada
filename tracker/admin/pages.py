"""What every page about one participant shares: who asks, when, about whom, and where to go afterwards."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from tracker import access
from tracker.admin.desk import Desk
from tracker.admin.gate_card import Reader
from tracker.admin.service_forms import ServiceForm
from tracker.errors import Invalid, Refused
from tracker.evaluation import protocol_of
from tracker.models import Participant, User
from tracker.services.versions import offered_to
from tracker.wording import Voice, zone_words
from workflow.concepts import Concept
from workflow.protocol import Protocol


def staff(request: HttpRequest) -> User:
    """The member of staff who asks. Raises Http404 for anybody else, whom the admin has already turned away."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


class ParticipantPage(View):
    """A page about one participant of the reader's own sites: another site's participant is not found.

    `action` is what the roles must permit, for reading as for writing.
    """

    action: ClassVar[access.Action] = access.Action.VIEW

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Read the clock once, and find the participant."""
        super().setup(request, *args, **kwargs)
        self.now: datetime = timezone.now()
        self.staff = staff(request)
        visible = access.participants_visible_to(self.staff, self.now).select_related("study", "site")
        found = visible.filter(pk=kwargs["pk"]).first()
        if found is None:
            raise Http404(_("There is no such participant."))
        self.participant: Participant = found
        if not self.may(self.needed_action()):
            access.refuse(self.needed_action())

    def needed_action(self) -> access.Action:
        """What the roles must permit on this page."""
        return self.action

    @property
    def today(self) -> Any:
        """The site's date."""
        return self.now.astimezone(self.participant.zone).date()

    @cached_property
    def protocol(self) -> Protocol:
        """The rules that the participant is under."""
        return protocol_of(self.participant)

    @cached_property
    def voice(self) -> Voice:
        """The reader's words, in the site's time."""
        return Voice(self.protocol, self.participant.zone, get_language() or "en", self.now)

    @property
    def desk(self) -> Desk:
        """Where this page's forms are filled in."""
        return Desk(self.voice, self.participant.zone, self.now, offered_to(self.participant))

    def may(self, action: access.Action) -> bool:
        """Whether the reader's roles permit this for the participant."""
        return access.permits(self.staff, action, self.roles)

    @cached_property
    def roles(self) -> frozenset[str]:
        """The reader's roles at the participant's site: asked once, however much the page offers to do."""
        return access.roles_of(self.staff, self.participant, self.today)

    def reader(self, voice: Voice) -> Reader:
        """For whom gates are shown, in a given voice."""
        return Reader(voice, self.participant, self.may)

    def concept(self, name: str) -> Concept:
        """A concept that staff can record. Raises Http404."""
        found = self.protocol.concepts.get(name)
        if found is None or found.kind == "derived" or found.study_level:
            raise Http404(_("This protocol has nothing of that name to record."))
        return found

    @property
    def home(self) -> str:
        """The participant's own page."""
        return reverse("admin:tracker_participant_change", args=[self.participant.pk])

    def done(self, message: str) -> HttpResponse:
        """Say what was done, and go back to the participant."""
        messages.success(self.request, message)
        return HttpResponseRedirect(self.home)

    def page(self, template: str, context: Mapping[str, Any], *, status: int = 200) -> TemplateResponse:
        """One page in the admin's frame."""
        shared = {
            "title": self.participant.subject_number,
            "participant": self.participant,
            "voice": self.voice,
            "now": self.now,
            "now_words": self.voice.at(self.now.replace(second=0, microsecond=0)),
            "zone": zone_words(self.participant.zone, self.now),
            "home": self.home,
            "back_url": self.home,
        }
        every = admin.site.each_context(self.request)
        return TemplateResponse(self.request, template, {**every, **shared, **context}, status=status)


class FormPage(ParticipantPage):
    """A page with one form: shown by GET, which changes nothing; saved by POST, through a service."""

    action = access.Action.RECORD_FACT
    template = "tracker/form.html"

    def heading(self) -> str:
        """What the page is called: a question or a verb."""
        raise NotImplementedError

    def submit(self) -> str:
        """What the button does."""
        return _("Save")

    def form(self, data: Any = None) -> ServiceForm:
        """The form, filled with what was sent."""
        raise NotImplementedError

    def save(self, form: Any) -> str:
        """Call the service; say in one sentence what was done."""
        raise NotImplementedError

    def context(self, form: ServiceForm) -> dict[str, Any]:
        """What the template needs besides the form itself."""
        return {"form": form, "heading": self.heading(), "submit": self.submit()}

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Show the form."""
        return self.page(self.template, self.context(self.form()))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Save, or show the form again with everything that was typed."""
        form = self.form(request.POST)
        if form.is_valid():
            try:
                return self.done(self.save(form))
            except Invalid as invalid:
                self.attach(form, invalid)
            except Refused as refused:
                form.add_error(None, self.why(refused))
        return self.page(self.template, self.context(form), status=422)

    def attach(self, form: ServiceForm, invalid: Invalid) -> None:
        """Put the service's messages beside the fields."""
        form.attach(invalid.errors)

    def why(self, refused: Refused) -> str:
        """Why the service refused, in the reader's words."""
        return str(refused)
