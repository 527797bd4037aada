"""What was done stays done: the journal, the signatures, and every decision as it was made."""

from tests.machine.holding import why_not_released
from tracker.evaluation import protocol_of
from tracker.models import DeviationStatus, Participant, RecordedFact, Signature, StepRecord
from tracker.models.machine import edges
from tracker.replaying.decisions import decisions
from tracker.services.signatures import hash_of
from workflow.stages import Stage, Step

EDGES = frozenset(edges(Participant))
_PASSES = ("met", "not_applicable")


def the_journal_is_one_path_that_ends_at_the_stage(participant: Participant) -> None:
    """What stands of the journal walks the machine's edges from screening to where she is now."""
    stage = Stage.SCREENING
    for record in standing(participant):
        edge = (Stage(record.from_stage), Step(record.step), Stage(record.to_stage))
        assert edge[0] == stage
        assert edge in EDGES
        stage = edge[2]
    assert participant.stage == stage


def no_gate_let_a_step_pass_that_it_should_have_stopped(participant: Participant) -> None:
    """Where the evidence says that something was not met, the step was reported afterwards, or its time corrected."""
    for record in participant.steps.filter(reported_afterwards=False, corrects=None):
        assert all(each["outcome"] in _PASSES for each in record.evidence)


def every_closed_deviation_was_signed_by_another_pi(participant: Participant) -> None:
    """Whoever released what a deviation held was a PI of the site, and reported nothing of it."""
    for deviation in participant.deviations.filter(status=DeviationStatus.CLOSED):
        assert why_not_released(deviation) == ""
        assert deviation.cause
        assert deviation.impact
        assert deviation.action


def everybody_signed_for_themselves(participant: Participant) -> None:
    """A signature is by whoever acted, under what was done, when it was done; and none is missing."""
    steps = protocol_of(participant.study).steps
    for record in participant.steps.all():
        definition = steps.get(Step(record.step))
        signatures = list(record.signatures.all())
        assert len(signatures) == (1 if definition and definition.signed else 0)
        assert all(each.signer_id == record.recorded_by_id for each in signatures)
        assert all(each.signed_at == record.recorded_at for each in signatures)
    for signature in Signature.objects.filter(deviation__participant=participant):
        assert signature.deviation is not None
        assert signature.deviation.closed_at == signature.signed_at
        assert hash_of(signature.content) == signature.content_hash


def every_decision_comes_out_again(participant: Participant) -> None:
    """Judged again over what was known then, each gate answers as it did."""
    for decision in decisions(participant.steps.select_related("participant__study", "participant__site")):
        assert decision.difference == "", f"{decision.record.step}: {decision.difference}"


def versions_are_counted_without_a_gap(participant: Participant) -> None:
    """Of no fact a version is missing."""
    counted: dict[object, list[int]] = {}
    for key, version in (
        RecordedFact.objects.filter(participant=participant).order_by("version").values_list("key", "version")
    ):
        counted.setdefault(key, []).append(version)
    assert all(versions == list(range(1, len(versions) + 1)) for versions in counted.values())


def standing(participant: Participant) -> list[StepRecord]:
    """The steps that no later row corrects and that did happen, in the order in which they were first recorded."""
    rows = list(participant.steps.order_by("pk"))
    silenced = {row.corrects_id for row in rows}
    speaking = [row for row in rows if row.pk not in silenced and not row.in_error]
    return sorted(speaking, key=lambda row: row.original_id or row.pk)
