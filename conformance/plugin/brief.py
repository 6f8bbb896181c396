"""A plugin of a run of ours: a case is played and reported, and nothing else is done for it.

pytest sets up, calls and tears down an item, and each step has a report, which a worker sends
to its controller. A case needs only the call.
"""

from __future__ import annotations

from typing import Literal

import pytest

from conformance.plugin.items import TraceItem, hook

_NOT_CAUGHT = (KeyboardInterrupt, pytest.exit.Exception)


@hook(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Literal[True] | None:
    """Play one case; anything else is left to pytest."""
    if not isinstance(item, TraceItem):
        return None
    call = pytest.CallInfo.from_call(item.runtest, when="call", reraise=_NOT_CAUGHT)
    report = item.ihook.pytest_runtest_makereport(item=item, call=call)
    item.ihook.pytest_runtest_logreport(report=report)
    return True
