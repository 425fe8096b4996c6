"""The desk's figures in the Prometheus text exposition format, version 0.0.4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from agent_desk.live.journal import Journal
from records.outbox import OutboxFigures
from telephony.agent import AgentState
from telephony.call import CallState

Labels = Mapping[str, str]


def render(journal: Journal | None, lag_s: float, figures: OutboxFigures | None, now: float) -> str:
    """Return the figures. What cannot be known at the moment is left out, not shown as nought.

    `lag_s`: for how long live state has been out of reach; `now` in epoch seconds.
    """
    lines = list(
        _gauge("hotline_live_state_lag_seconds", "Time since live state was last followed.", [({}, lag_s)])
    )
    if journal is not None:
        lines.extend(_live(journal, now))
    if figures is not None:
        lines.extend(_outbox(figures))
    return "\n".join(lines) + "\n"


def _live(journal: Journal, now: float) -> Iterator[str]:
    calls = Counter((call.queue, call.state) for call in journal.calls.values())
    queues = [view.id for view in journal.queue_views()]
    yield from _gauge(
        "hotline_calls",
        "Calls by queue and state.",
        [({"queue": queue, "state": state}, calls[queue, state]) for queue in queues for state in CallState],
    )
    agents = Counter(agent.state for agent in journal.agents.values())
    yield from _gauge(
        "hotline_agents",
        "Signed-in agents by state.",
        [({"state": state}, agents[state]) for state in AgentState],
    )
    reachable = sum(agent.phone_reachable for agent in journal.agents.values())
    yield from _gauge(
        "hotline_agents_reachable", "Signed-in agents whose phone is registered.", [({}, reachable)]
    )
    longest = [
        ({"queue": view.id}, 0.0 if view.waiting_since is None else max(0.0, now - view.waiting_since))
        for view in journal.queue_views()
    ]
    yield from _gauge("hotline_longest_wait_seconds", "Wait of the caller who waits longest.", longest)


def _outbox(figures: OutboxFigures) -> Iterator[str]:
    states = [({"state": "pending"}, figures.pending), ({"state": "dead"}, figures.dead)]
    yield from _gauge("hotline_outbox_records", "Records not in the case store.", states)
    yield from _gauge(
        "hotline_outbox_oldest_seconds", "Age of the oldest pending record.", [({}, figures.oldest_pending_s)]
    )


def _gauge(name: str, text: str, samples: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        inside = ",".join(f'{label}="{content}"' for label, content in labels.items())
        yield f"{name}{{{inside}}} {value:g}" if inside else f"{name} {value:g}"
