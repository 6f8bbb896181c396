"""What the user may have meant by an unknown name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST_NAMES = 3
LONGEST = 120
AS_NEAR = 0.05


def hint(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """`; did you mean A or B?`, or `otherwise` if no known name is similar."""
    near = names(word, known)
    if not near:
        return otherwise
    *most, last = near
    text = f"{', '.join(most)} or {last}" if most else last
    return f"; did you mean {text}?"


def names(word: str, known: Iterable[str]) -> list[str]:
    """The known names that are similar, the nearest first; for a very long word, no names."""
    if len(word) > LONGEST:
        return []
    near = difflib.get_close_matches(word, list(dict.fromkeys(known)), n=MOST_NAMES)
    likeness = {name: difflib.SequenceMatcher(None, word, name).ratio() for name in near}
    return [name for name in near if likeness[name] > max(likeness.values()) - AS_NEAR]
