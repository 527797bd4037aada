"""What happened, and who must be told: the rows."""

from tracker.models.account_event import AccountEvent, AccountEventKind
from tracker.models.alert import Alert, AlertStatus, Resolution
from tracker.models.alert_event import AlertEvent, AlertEventKind
from tracker.models.assignment import Assignment, Role
from tracker.models.audit_event import AuditEvent, AuditSeal, Operation
from tracker.models.calendar import CalendarEntry, CalendarKey
from tracker.models.cover import Absence, Duty
from tracker.models.deviation import Deviation, DeviationStatus
from tracker.models.heartbeat import LATE, Heartbeat
from tracker.models.laboratory import Laboratory, UpperLimit
from tracker.models.notification import (
    ABOUT_THE_ACCOUNT,
    CAN_BE_SENT_AGAIN,
    UNREACHED,
    UNSEEN,
    UNSENT,
    Notification,
    NotificationKind,
    NotificationStatus,
)
from tracker.models.participant import Participant, Sex
from tracker.models.paste import Fate, Import, ImportLine, Outcome
from tracker.models.recorded_fact import AppendOnly, FactStatus, RecordedFact
from tracker.models.redaction import Redaction
from tracker.models.sign_in import LastSeen, SignIn, SignInEnd
from tracker.models.signature import Meaning, Signature
from tracker.models.site import Site
from tracker.models.step_record import StepRecord
from tracker.models.study import Study
from tracker.models.tracked_deadline import DeadlineStatus, TrackedDeadline
from tracker.models.user import Language, User
from tracker.models.work_item import Outlook, Work, WorkItem

__all__ = [
    "ABOUT_THE_ACCOUNT",
    "CAN_BE_SENT_AGAIN",
    "LATE",
    "UNREACHED",
    "UNSEEN",
    "UNSENT",
    "Absence",
    "AccountEvent",
    "AccountEventKind",
    "Alert",
    "AlertEvent",
    "AlertEventKind",
    "AlertStatus",
    "AppendOnly",
    "Assignment",
    "AuditEvent",
    "AuditSeal",
    "CalendarEntry",
    "CalendarKey",
    "DeadlineStatus",
    "Deviation",
    "DeviationStatus",
    "Duty",
    "FactStatus",
    "Fate",
    "Heartbeat",
    "Import",
    "ImportLine",
    "Laboratory",
    "Language",
    "LastSeen",
    "Meaning",
    "Notification",
    "NotificationKind",
    "NotificationStatus",
    "Operation",
    "Outcome",
    "Outlook",
    "Participant",
    "RecordedFact",
    "Redaction",
    "Resolution",
    "Role",
    "Sex",
    "SignIn",
    "SignInEnd",
    "Signature",
    "Site",
    "StepRecord",
    "Study",
    "TrackedDeadline",
    "UpperLimit",
    "User",
    "Work",
    "WorkItem",
]
