"""A plugin of a run of ours: a case is played and reported, and nothing else is done for it.

pytest sets up, calls and tears down an item, and each step has a report, which a worker sends
to its controller. A case needs only the call. What takes long is played first, so that no worker
is left with it at the end while the others have nothing to do.
"""

from __future__ import annotations

from typing import Literal

import pytest

from conformance.plugin.items import TraceItem, hook
from fake_servers.trace.syntax import Directive, Trace

_NOT_CAUGHT = (KeyboardInterrupt, pytest.exit.Exception)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Families and cases that wait in real time come first; all else keeps its order."""
    items.sort(key=lambda item: not (isinstance(item, TraceItem) and _takes_long(item.trace)))


def _takes_long(trace: Trace) -> bool:
    return bool(trace.family) or any(
        isinstance(item, Directive) and item.name == "pause" for item in trace.items
    )


@hook(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Literal[True] | None:
    """Play one case; anything else is left to pytest."""
    if not isinstance(item, TraceItem):
        return None
    call = pytest.CallInfo.from_call(item.runtest, when="call", reraise=_NOT_CAUGHT)
    report = item.ihook.pytest_runtest_makereport(item=item, call=call)
    item.ihook.pytest_runtest_logreport(report=report)
    return True
