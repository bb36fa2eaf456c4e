"""Numbers that people say in words: "about a 20:1 ratio", "5% positives", "a learning rate of 0.0005"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = r"(?<![\d.])(\d{1,12}+(?:[.,]\d{1,20}+){0,5}+(?:[eE]-?\d{1,3}+)?+|\.\d{1,20}+)"
_GAP = r"[^.\n\d]{0,40}?"


@dataclass(frozen=True, slots=True)
class Claim:
    """``fact`` is the field of :class:`~steelyard.log.Facts` it is about, ``inputs`` or ``positives``;
    ``quote`` is where it is said."""

    fact: str
    value: float | str
    quote: str
    start: int


@dataclass(frozen=True)
class _Way:
    """A way of saying something: ``percent`` if the number is in hundredths; ``near`` must be found within 60
    characters."""

    fact: str
    pattern: re.Pattern[str]
    percent: bool = False
    near: re.Pattern[str] | None = None


def _way(fact: str, pattern: str, percent: bool = False, near: str = "") -> _Way:
    return _Way(fact, re.compile(pattern, re.I), percent, re.compile(near, re.I) if near else None)


_IMBALANCE = r"class|imbalanc|ratio|negativ|positiv|minorit|majorit|skew"
_WAYS = (
    _way("odds_said", rf"(?<![\d:.]){_NUMBER} ?(?::|to) ?{_NUMBER}(?![\d:]|\.\d)", near=_IMBALANCE),
    _way("odds_said", rf"(?:imbalance|class)(?: ratio)? (?:is|of|=|about|around)? ?{_NUMBER}x\b"),
    _way(
        "base_rate",
        rf"{_NUMBER} ?(?:%|percent) (?:of (?:the |my |all )?(?:\w{{1,20}} ){{1,3}}(?:is|are|were|in) "
        r"(?:the |in the )?)?(?:positives?|minority|fraud\w{0,6}|class 1)\b",
        percent=True,
    ),
    _way(
        "base_rate",
        r"(?:positives?|minority class|positive class|class 1|frauds?)[^.\n\d%]{0,30}\b"
        rf"{_NUMBER} ?(?:%|percent)",
        percent=True,
    ),
    _way(
        "positives_validation",
        rf"{_NUMBER} positives?\b(?: \w{{1,20}})? in (?:the |my )?(?:validation|val)\b",
    ),
    _way("positives_train", rf"{_NUMBER} positives?\b(?: \w{{1,20}})? in (?:the |my )?train"),
    _way(
        "positives",
        rf"{_NUMBER} (?:positives\b|positive (?:samples|examples|cases|rows|instances|observations))",
    ),
    _way("inputs", rf"\b[xX]\w{{0,20}}\.shape ?(?:\[ ?1 ?\]|\( ?1 ?\)|1) ?(?:=|==|is) ?{_NUMBER}(?![\d.])"),
    _way(
        "inputs",
        rf"(?<![\w.]){_NUMBER} (?:input |numeric |numerical )?(?:features|predictors|input variables)\b",
    ),
    _way("learning_rate", rf"\blearning[ _]?rate\b{_GAP}{_NUMBER}(?! ?%)"),
    _way("batch_size", rf"\bbatch[ _-]?size\b{_GAP}{_NUMBER}"),
    _way(
        "planned_epochs",
        r"\b(?:train\w{0,3}|fit\w{0,4}|r[au]n(?:ning)?) "
        rf"(?:(?:it|this|them|the|my|our|all|model|network) ){{0,3}}for {_NUMBER} epochs\b",
    ),
    _way("planned_epochs", rf"(?<![\w.])epochs ?(?:=|:|is|was|of|are|were) ?{_NUMBER}(?![\w.])"),
    _way(
        "rows_train",
        rf"(?<![\w.]){_NUMBER} (?:training|train) (?:samples|rows|examples|observations|instances)\b",
    ),
    _way(
        "rows_validation",
        rf"(?<![\w.]){_NUMBER} validation (?:samples|rows|examples|observations|instances)\b",
    ),
    _way(
        "reported_auc", rf"\b(?:ROC[ -]?)?AUC(?:[ -]?ROC)?(?:[ _-]?score)?\b[^\d\n]{{0,25}}?{_NUMBER}(?! ?%)"
    ),
)
_COMMON = r"(?:negatives?|normal|legit(?:imate)?|genuine|non-?fraud(?:ulent)?|healthy)"
_RARE = r"(?:positives?|frauds?|fraudulent|anomal(?:y|ies|ous)|sick|churn(?:ed|ers)?|default(?:s|ed)?)"
_BOTH_CLASSES = (
    re.compile(rf"{_NUMBER} (?P<n>{_COMMON})\b[^.\n\d]{{0,30}}{_NUMBER} {_RARE}\b", re.I),
    re.compile(rf"{_NUMBER} (?P<p>{_RARE})\b[^.\n\d]{{0,30}}{_NUMBER} {_COMMON}\b", re.I),
)
_AVERAGED = re.compile(r"\b(?:val_|PR[ _-]?|average[ _]precision)\Z", re.I)
_WORDS = (
    ("optimizer", re.compile(r"\b(adam|sgd|rmsprop|adagrad|adadelta|nadam|adamax)\b optimi[sz]er", re.I)),
    (
        "optimizer",
        re.compile(
            r"\boptimi[sz]er\b[^.\n]{0,12}?\b(adam|sgd|rmsprop|adagrad|adadelta|nadam|adamax)\b", re.I
        ),
    ),
    ("loss", re.compile(r"\b(binary[ _-]cross-?[ _]?entropy|mean squared error)\b", re.I)),
    ("framework", re.compile(r"\b(keras (?:version )?v?[123])(?:\.\d{1,3}){0,2}\b", re.I)),
)
_NEARBY = 60


def claims(text: str) -> Iterator[Claim]:
    """What the text says in words, way by way and each in its order."""
    for way in _WAYS:
        for found in way.pattern.finditer(text):
            around = text[max(0, found.start() - _NEARBY) : found.end() + _NEARBY]
            if way.near is not None and not way.near.search(around):
                continue
            value = _value(way, found)
            if value is not None:
                yield Claim(way.fact, value, _quote(text, found), found.start())
    for pattern in _BOTH_CLASSES:
        for found in pattern.finditer(text):
            rate = _rate(found)
            if rate is not None:
                yield Claim("base_rate", rate, _quote(text, found), found.start())
    for fact, pattern in _WORDS:
        for found in pattern.finditer(text):
            yield Claim(fact, _word(fact, found[1]), _quote(text, found), found.start())


def _value(way: _Way, found: re.Match[str]) -> float | None:
    numbers = [_number(group) for group in found.groups()]
    if any(one is None for one in numbers):
        return None
    value = float(numbers[0] or 0)
    if way.fact == "odds_said":
        other = float(numbers[1] or 0) if len(numbers) > 1 else 1.0
        if min(value, other) <= 0 or value + other == 100:  # 80:20 is how people split
            return None
        odds = max(value, other) / min(value, other)
        return odds if 1 < odds < 1e6 else None
    if way.percent:
        value /= 100
    if way.fact == "base_rate":
        return value if 0 < value < 1 else None
    if way.fact == "reported_auc":
        before = found.string[max(0, found.start() - 20) : found.start()]
        return value if 0.3 <= value <= 1 and not _AVERAGED.search(before) else None
    if way.fact == "learning_rate":
        return value if 0 < value < 10 else None
    return value if value >= 1 and value == int(value) else None


def _rate(found: re.Match[str]) -> float | None:
    """Share of positives where a text names both numbers."""
    first, second = _number(found[1]), _number(found[3])
    if first is None or second is None or not (first >= 1 and second >= 1):
        return None
    positives = second if found.re is _BOTH_CLASSES[0] else first
    return positives / (first + second)


def _number(text: str) -> float | None:
    """A number with or without commas between its thousands."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        text = text.replace(",", "")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value < 1e15 else None


def _word(fact: str, word: str) -> str:
    word = word.lower()
    if fact == "framework":
        return f"keras {word[-1]}"
    if fact == "loss":
        return "mse" if word.startswith("mean") else "binary_crossentropy"
    return word


def _quote(text: str, found: re.Match[str]) -> str:
    """What was said, with a few words around it."""
    start = text.rfind(" ", 0, max(0, found.start() - 20)) + 1
    start = max(start, text.rfind("\n", 0, found.start()) + 1, found.start() - 60)
    line_end = text.find("\n", found.end())
    limit = min(found.end() + 60, len(text) if line_end < 0 else line_end)
    end = text.find(" ", min(limit, found.end() + 20), limit)
    return " ".join(text[start : limit if end < 0 else end].split())
