"""The linter of traces: every fault that shows without a client."""

from conformance.lint.files import hindrance, lint
from conformance.lint.problem import Problem

__all__ = ["Problem", "hindrance", "lint"]
