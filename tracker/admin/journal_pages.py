"""The journal as a file: the lines that the page shows, with the same filter."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _

from tracker.admin.csv_export import csv_response
from tracker.admin.journal_card import Entry, journal, kind_words, only
from tracker.admin.pages import ParticipantPage
from tracker.models import RecordedFact


class SaveJournal(ParticipantPage):
    """The participant's journal as CSV, for whoever may read it. It reads."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> StreamingHttpResponse:
        """Every line that the filter shows, newest first; times with their offset, at the site."""
        rows = list(RecordedFact.objects.filter(participant=self.participant).select_related("recorded_by"))
        for row in rows:
            row.participant = self.participant
        written = self.participant.steps.select_related("recorded_by", "fact").order_by("recorded_at", "pk")
        entries = only(journal(self.voice, self.participant, rows, list(written), self.may), request.GET.get("journal"))
        header = [
            _("Recorded"),
            _("Kind"),
            _("What"),
            _("What it replaced"),
            _("Particulars"),
            _("Reason"),
            _("By"),
            _("Since"),
        ]
        name = f"{self.participant.subject_number}-journal.csv"
        return csv_response(name, header, (list(self._cells(entry)) for entry in entries))

    def _cells(self, entry: Entry) -> Iterator[str]:
        at = entry.at.astimezone(self.participant.zone)
        yield from (f"{at:%Y-%m-%d %H:%M:%S%z}", kind_words(entry.kind), entry.strong, entry.before, entry.said)
        yield from (entry.reason, entry.by, entry.struck)
