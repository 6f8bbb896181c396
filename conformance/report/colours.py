"""The colour of each verdict on a terminal."""

from __future__ import annotations

from conformance.verdict import Verdict

STYLES = {
    Verdict.ERROR: "magenta",
    Verdict.CRASH: "red",
    Verdict.HANG: "red",
    Verdict.FAIL: "red",
    Verdict.NON_STRICT: "yellow",
    Verdict.INFO: "cyan",
    Verdict.PASS: "green",
    Verdict.INCONCLUSIVE: "cyan",
    Verdict.UNSUPPORTED: "bright_black",
}
"""The colour of each verdict, by the name that it has for terminals."""
