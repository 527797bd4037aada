"""A participant's whole record as a file, for those who may carry it away."""

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header

from tracker.access import Action, may_see_dose
from tracker.admin.pages import ParticipantPage
from tracker.audit.sealing import seal
from tracker.copies.collecting import copy_of_participant
from tracker.copies.files import zipped
from tracker.errors import TooOldToWithhold

logger = logging.getLogger(__name__)


class TakeCopy(ParticipantPage):
    """One click on the page of the audit trail: the ZIP. POST only, since it seals what is not sealed yet."""

    action = Action.TAKE_COPY
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """The file; without the dose level for whoever is blinded to it. Who took it is logged."""
        seal(self.now)
        try:
            content = self._content()
        except TooOldToWithhold as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(reverse("admin:tracker_participant_audit", args=[self.participant.pk]))
        logger.info("user %s took a copy of participant %s", self.staff.pk, self.participant.pk)
        named = content_disposition_header(as_attachment=True, filename=f"{self.participant.subject_number}.zip")
        return HttpResponse(content, content_type="application/zip", headers={"Content-Disposition": named})

    def _content(self) -> bytes:
        blinded = not may_see_dose(self.staff, self.participant, self.today)
        return zipped(copy_of_participant(self.participant, now=self.now, blinded=blinded, reader=self.staff))
