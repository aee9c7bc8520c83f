"""The language a text is written in, as an ISO 639-1 code."""

import re
from functools import lru_cache
from typing import Any

# Addresses, links and numbers carry no language and mislead the classifier.
_NOISE = re.compile(r"\S*(?:://|@|www\.)\S*|[\d=*#_<>|+-]{2,}")
_ENOUGH = 20  # letters; below that a guess is worse than none


@lru_cache(maxsize=1)
def _classifier() -> Any:
    # Imported late: the model costs about half a second of CPU and most processes never read a report.
    import py3langid

    return py3langid


def find_language(text: str) -> str:
    """The language of a text's first words ('' when there is too little text to tell)."""
    words = " ".join(_NOISE.sub(" ", text[:1200]).split())[:400]
    if sum(map(str.isalpha, words)) < _ENOUGH:
        return ""
    code = _remembered(words)
    return code if len(code) == 2 else ""


@lru_cache(maxsize=512)
def _remembered(words: str) -> str:
    """Machine-made reports open with the same sentences a thousand times: classify each opening once."""
    return str(_classifier().classify(words)[0])
