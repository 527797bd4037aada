"""The copy as people read it: one page that needs nothing else, to be opened in any browser or printed."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tracker.audit.digests import is_redacted
from tracker.audit.values import field_of, model_of, value_of
from tracker.copies.collecting import Copy, nameless
from tracker.copies.plain import Row, plain
from tracker.models import (
    Alert,
    AlertEvent,
    Deviation,
    Notification,
    Participant,
    RecordedFact,
    Signature,
    StepRecord,
    TrackedDeadline,
    User,
)

STYLE = Path(__file__).parent.parent / "static" / "tracker" / "copy.css"

SECTIONS: Mapping[type[Model], tuple[str, ...]] = {
    RecordedFact: (
        "concept", "version", "status", "comparator", "value", "unit", "upper_limit", "at", "until", "resulted_at",
        "recorded_at", "recorded_by_id", "detail", "reason",
    ),
    StepRecord: (
        "step", "from_stage", "to_stage", "happened_at", "recorded_at", "recorded_by_id", "reason",
        "reported_afterwards", "in_error", "protocol_version",
    ),
    TrackedDeadline: ("clause", "occurrence", "status", "opens_at", "due_at", "valid_until", "updated_at"),
    Alert: (
        "id", "rung", "say", "due_at", "raised_at", "urgent", "status", "acknowledged_by_id", "acknowledged_at",
        "acknowledged_note", "escalated_at", "resolved_at", "resolution",
    ),
    AlertEvent: ("alert_id", "at", "kind", "by_id", "note", "until"),
    Notification: (
        "alert_id", "recipient_id", "role", "kind", "status", "created_at", "sent_at", "subject", "text_body",
    ),
    Deviation: (
        "clause", "description", "cause", "impact", "action", "status", "drafted_at", "reported_by_id", "closed_at",
    ),
    Signature: ("signer_id", "role", "signed_at", "meaning", "content", "content_hash", "evaluation_hash"),
}  # fmt: skip


def page_of(copy: Copy, subject: str) -> str:
    """The page of one participant of a copy, in the active language."""
    return render_to_string(
        "tracker/copy.html", {"style": STYLE.read_text(encoding="utf-8"), **_Page(copy, subject).said()}
    )


class _Page:
    """One participant's rows and events in words. Times are the site's, and in UTC in the trail."""

    def __init__(self, copy: Copy, subject: str) -> None:
        rows = copy["rows"]
        self.copy = copy
        self.participant: Row = next(each for each in rows["tracker_participant"] if each["subject_number"] == subject)
        self.site = next(each for each in rows["tracker_site"] if each["id"] == self.participant["site_id"])
        self.zone = ZoneInfo(self.site["timezone"])
        self.people = {each["id"]: _person(each) for each in copy["people"]}
        self.rows = {model: self._own(model) for model in SECTIONS}

    def said(self) -> dict[str, Any]:
        """What the template needs."""
        return {
            "subject": self.participant["subject_number"], "site": self.site, "study": self.copy["study"],
            "made_at": self._time(self.copy["made_at"]), "zone": self.zone.key,
            "head": [(self._label(Participant, name), self._word(Participant, name, self.participant[name]))
                     for name in ("stage", "sex", "birth_date", "episode", "created_at")],
            "dose": _("withheld") if self.copy["withheld"] else self.participant["dose_level"] or "–",
            "sections": [self._section(model) for model in SECTIONS if self.rows[model]],
            "trail": list(self._events()),
        }  # fmt: skip

    def _own(self, model: type[Model]) -> list[Row]:
        """The rows that lead to this participant."""
        every = self.copy["rows"][_table(model)]
        if "participant_id" in (every[0] if every else {}):
            return [row for row in every if row["participant_id"] == self.participant["id"]]
        return [row for row in every if self._leads_here(model, row)]

    def _leads_here(self, model: type[Model], row: Row) -> bool:
        if model is Alert:
            return self._is_own("tracker_trackeddeadline", row["deadline_id"])
        if model is Signature:
            step, deviation = row["step_record_id"], row["deviation_id"]
            return self._is_own("tracker_steprecord", step) if step else self._is_own("tracker_deviation", deviation)
        alert = next((each for each in self.copy["rows"]["tracker_alert"] if each["id"] == row["alert_id"]), None)
        return alert is not None and self._leads_here(Alert, alert)

    def _is_own(self, table: str, number: int) -> bool:
        own = self.participant["id"]
        return any(row["id"] == number and row["participant_id"] == own for row in self.copy["rows"][table])

    def _section(self, model: type[Model]) -> dict[str, Any]:
        rows = self.rows[model]
        columns = [name for name in SECTIONS[model] if any(row[name] not in (None, "", [], False) for row in rows)]
        return {
            "title": str(model._meta.verbose_name_plural),  # noqa: SLF001 - Django's own way to ask
            "header": [self._label(model, name) for name in columns],
            "rows": [[self._word(model, name, row[name]) for name in columns] for row in rows],
        }  # fmt: skip

    def _events(self) -> Iterator[dict[str, Any]]:
        numbers = {(_table(model), str(row["id"])) for model, rows in self.rows.items() for row in rows}
        numbers.add(("tracker_participant", str(self.participant["id"])))
        for link in self.copy["trail"]:
            event = link["event"]
            if event and (event["table"], event["row"]) in numbers:
                yield self._event(link, event)

    def _event(self, link: Row, event: Row) -> dict[str, Any]:
        model = model_of(event["table"])
        old, new = event["old"] or {}, event["new"] or {}
        names = [name for name in {**old, **new} if old.get(name) or new.get(name) not in (None, "", [], {})]
        return {
            "position": link["position"], "digest": link["digest"],
            "at": self._time(event["at"]), "utc": _utc(event["at"]),
            "who": self.people.get(event["actor"], "–"), "program": event["program"], "request": event["request_id"],
            "reason": _("taken out") if event["reason"].startswith('{"redacted"') else event["reason"],
            "what": f"{model._meta.verbose_name} {event['row']}",  # noqa: SLF001 - as above
            "operation": event["operation"],
            "changes": [
                (self._label(model, name), self._raw(model, name, old.get(name)), self._raw(model, name, new.get(name)))
                for name in names
            ],
        }  # fmt: skip

    def _raw(self, model: type[Model], name: str, value: Any) -> str:
        field = field_of(model, name)
        if is_redacted(value):
            return _("withheld") if value["redacted"] == 0 else _("taken out")
        return str(value or "") if field is None else self._word(model, name, plain(value_of(field, value)))

    def _word(self, model: type[Model], name: str, value: Any) -> str:
        field = field_of(model, name)
        if value in (None, "") or field is None:
            return ""
        if field.is_relation and field.related_model is User:
            return self.people.get(value, str(value))
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if field.get_internal_type() == "DateTimeField":
            return self._time(value)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return json.dumps(value, ensure_ascii=False, indent=1) if isinstance(value, dict | list) else str(value)

    def _time(self, text: str) -> str:
        return f"{datetime.fromisoformat(text).astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def _label(self, model: type[Model], name: str) -> str:
        field = field_of(model, name)
        return str(field.verbose_name) if field else name


def _utc(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _person(row: Row) -> str:
    if row["username"] == nameless(row["id"]):
        return _("somebody at another site")
    return f"{row['first_name']} {row['last_name']}".strip() or str(row["username"])


def _table(model: type[Model]) -> str:
    return model._meta.db_table  # noqa: SLF001 - as above
