"""Calls an op with the arguments of a request."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from conformance.drivers.python.outcome import Answer, Unsupported


def called(function: Callable[..., Answer], args: Mapping[str, Any]) -> Answer:
    """Call it; raises Unsupported for an argument that it does not have."""
    try:
        bound = inspect.signature(function).bind(**args)
    except TypeError as error:
        raise Unsupported(str(error)) from error
    return function(*bound.args, **bound.kwargs)
