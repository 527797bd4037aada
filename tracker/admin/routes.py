"""The addresses of a participant's pages."""

from typing import Any

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from tracker.admin.answers_page import EnterAnswers
from tracker.admin.copy_pages import TakeCopy
from tracker.admin.correction_pages import CorrectStep
from tracker.admin.fact_pages import (
    AddFact,
    AddStudyFact,
    CorrectFact,
    DrawSample,
    EndInterval,
    EndStudyHold,
    EnterResult,
    FactMenu,
    WithdrawFact,
)
from tracker.admin.journal_pages import SaveJournal
from tracker.admin.panel_page import AskPanel, EnterPanel
from tracker.admin.paste_pages import Dismiss, ImportPage, Mend, Paste
from tracker.admin.plan_pages import CancelPlan, Plan
from tracker.admin.sheet_pages import ChecklistNow, ChecklistThen, SummaryPage
from tracker.admin.step_pages import TakeStep
from tracker.admin.suggest_pages import Suggest
from tracker.admin.therapy_pages import NoneSince, Therapy
from tracker.admin.trail_pages import ExportParticipantTrail, FactHistory, ParticipantTrail

_PAGES: tuple[tuple[str, str, Any], ...] = (
    ("<int:pk>/facts/", "tracker_fact_menu", FactMenu),
    ("<int:pk>/facts/answers/", "tracker_answers", EnterAnswers),
    ("<int:pk>/facts/panel/", "tracker_panel", EnterPanel),
    ("<int:pk>/facts/panel/ask/", "tracker_panel_ask", AskPanel),
    ("<int:pk>/facts/therapy/", "tracker_therapy", Therapy),
    ("<int:pk>/facts/therapy/none/", "tracker_therapy_none", NoneSince),
    ("<int:pk>/facts/paste/", "tracker_paste", Paste),
    ("<int:pk>/imports/<int:batch>/", "tracker_import", ImportPage),
    ("<int:pk>/imports/<int:batch>/<int:line>/mend/", "tracker_import_mend", Mend),
    ("<int:pk>/imports/<int:batch>/<int:line>/dismiss/", "tracker_import_dismiss", Dismiss),
    ("<int:pk>/facts/add/<str:concept>/", "tracker_fact_add", AddFact),
    ("<int:pk>/facts/study/<str:concept>/", "tracker_study_fact", AddStudyFact),
    ("<int:pk>/facts/study/<int:fact>/end/", "tracker_study_hold_end", EndStudyHold),
    ("<int:pk>/facts/sample/<str:concept>/", "tracker_sample", DrawSample),
    ("<int:pk>/facts/<int:fact>/result/", "tracker_fact_result", EnterResult),
    ("<int:pk>/facts/<int:fact>/end/", "tracker_fact_end", EndInterval),
    ("<int:pk>/facts/<int:fact>/correct/", "tracker_fact_correct", CorrectFact),
    ("<int:pk>/facts/<int:fact>/withdraw/", "tracker_fact_withdraw", WithdrawFact),
    ("<int:pk>/plan/", "tracker_suggest", Suggest),
    ("<int:pk>/facts/<int:fact>/history/", "tracker_fact_history", FactHistory),
    ("<int:pk>/audit/", "tracker_participant_audit", ParticipantTrail),
    ("<int:pk>/audit/export/", "tracker_participant_audit_export", ExportParticipantTrail),
    ("<int:pk>/copy/", "tracker_participant_copy", TakeCopy),
    ("<int:pk>/plan/<str:step>/", "tracker_plan", Plan),
    ("<int:pk>/plan/<str:step>/cancel/", "tracker_plan_cancel", CancelPlan),
    ("<int:pk>/step/<str:step>/", "tracker_step", TakeStep),
    ("<int:pk>/journal/export/", "tracker_journal_export", SaveJournal),
    ("<int:pk>/journal/<int:record>/correct/", "tracker_step_correct", CorrectStep),
    ("<int:pk>/journal/<int:record>/checklist/", "tracker_checklist_decided", ChecklistThen),
    ("<int:pk>/checklist/<str:step>/", "tracker_checklist", ChecklistNow),
    ("<int:pk>/summary/", "tracker_summary", SummaryPage),
)


def participant_routes(site: AdminSite) -> list[URLPattern]:
    """Every page, for people who are signed in to the admin only."""
    return [path(route, site.admin_view(page.as_view()), name=name) for route, name, page in _PAGES]
