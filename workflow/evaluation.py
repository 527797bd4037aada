"""The one question: what does the protocol say about this participant, over what is known, at this instant?"""

from collections.abc import Mapping
from datetime import datetime

from workflow.answers import Evaluation
from workflow.context import Horizon
from workflow.gates import GateKeeper
from workflow.journey import ended, next_step, stopped
from workflow.obligations import Obligations
from workflow.protocol import Protocol
from workflow.stages import GUARDED_STEPS
from workflow.timeline import Timeline
from workflow.versions import Versions


def evaluate(
    protocol: Protocol, timeline: Timeline, as_of: datetime, versions: Mapping[str, Protocol] | None = None
) -> Evaluation:
    """Judge every gate and every obligation.

    Where a consent names one of the `versions` of the trial, by its version, that one's rules hold from that consent
    on; before it, those of `protocol`. What happened is judged by the version that held when it did.

    Pure: the same arguments give the same answer, and the answer is the same for every instant in
    [as_of, changes_at). What is known is the timeline's own cut; cut it with `known_before` or `known_at` to ask what
    would have been answered then. `as_of` is an aware instant; a naive one raises ValueError.
    """
    if as_of.tzinfo is None:
        raise ValueError(f"as_of must be an aware instant, got {as_of.isoformat()}")
    horizon = Horizon(as_of)
    keeper = GateKeeper(Versions(protocol, versions or {}, timeline, horizon), timeline, horizon)
    protocol = keeper.protocol
    over = ended(protocol, keeper.now)
    stops = stopped(protocol, keeper.now)
    planned = () if over else tuple(keeper.planned())
    gates = {step: keeper.may_start_now(step, over, stops) for step in GUARDED_STEPS}
    following = None if over else next_step(protocol, keeper.now, stops)
    asked = gates.get(following) if following else None
    deadlines = tuple(Obligations(keeper, planned, over, asked, stops).all())
    planned = tuple(gate for gate in planned if gate.step not in stops)
    product = protocol.product.status(keeper.now) if protocol.product else None
    return Evaluation(
        as_of, gates, keeper.passed, planned, deadlines, following, protocol.version, product, horizon.changes_at
    )
