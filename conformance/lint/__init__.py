"""The linter of traces: everything that can be known to be wrong before a client is there."""

from conformance.lint.files import hindrance, lint
from conformance.lint.problem import Problem

__all__ = ["Problem", "hindrance", "lint"]
