"""What is said of a code: that of a rule from its docstring, that of a warning from its table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from steelyard.checks import CODES as DATA_CODES
from steelyard.cli.explain_page import Page
from steelyard.codes import Code
from steelyard.diagnosis.rule import Rule
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.diagnosis.signals import SIGNALS
from steelyard.diagnosis.text import title
from steelyard.errors import RecipeError, did_you_mean
from steelyard.keras.codes import CODES as KERAS_CODES
from steelyard.tuning.analysis import CODES as SEARCH_CODES

Entry = Rule | Code

_WARNINGS = (
    ("warnings about data and split", DATA_CODES),
    ("warnings about a search", SEARCH_CODES),
    ("Keras programs", KERAS_CODES),
)


def overview(page: Page) -> str:
    """Every code with its title, by family."""
    blocks = [
        f"{page.bold(title(family))}\n{_listed(page, rules)}"
        for family, rules in groupby(CATALOGUE, lambda rule: rule.family)
    ]
    blocks += [f"{page.bold(name)}\n{_listed(page, codes.values())}" for name, codes in _WARNINGS]
    return "\n\n".join([*blocks, "One of them: steelyard explain CODE"])


def explained(codes: Sequence[str], page: Page) -> str:
    """All that is known of these codes, names or beginnings of codes.

    Of a beginning that several codes share the list is shown. :class:`~steelyard.errors.RecipeError` says
    which of them mean nothing.
    """
    found = {code: _meant(code) for code in codes}
    problems = [
        f"there is no code or rule {code!r}{did_you_mean(code, _names())}"
        for code, entries in found.items()
        if not entries
    ]
    if problems:
        raise RecipeError(*problems, help="`steelyard explain` lists all")
    blocks = (
        _of(page, entries[0]) if len(entries) == 1 else _listed(page, entries) for entries in found.values()
    )
    return "\n\n\n".join(blocks)


def _entries() -> Iterator[Entry]:
    yield from CATALOGUE
    for _, codes in _WARNINGS:
        yield from codes.values()


def _names() -> list[str]:
    return [*(entry.code for entry in _entries()), *(rule.name for rule in CATALOGUE)]


def _meant(text: str) -> list[Entry]:
    code, name = text.upper(), text.lower().replace("-", "_").replace(" ", "_")
    exact: list[Entry] = [entry for entry in _entries() if entry.code == code]
    exact += [rule for rule in CATALOGUE if rule.name == name]
    family: list[Entry] = [rule for rule in CATALOGUE if rule.family == name]
    return exact or family or [entry for entry in _entries() if entry.code.startswith(code)]


def _listed(page: Page, entries: Iterable[Entry]) -> str:
    return page.entries((entry.code, _line(entry)) for entry in entries)


def _line(entry: Entry) -> str:
    if isinstance(entry, Rule):
        return f"{title(entry.name)} ({entry.severity})"
    return entry.title


def _of(page: Page, entry: Entry) -> str:
    return "\n\n".join(_of_rule(page, entry) if isinstance(entry, Rule) else _of_code(page, entry))


def _of_code(page: Page, code: Code) -> Iterator[str]:
    kind = "a warning" if code.error is None else f"an error, {code.error.__name__}"
    yield f"{page.bold(f'{code.code} {code.title}')}\n{page.dim(kind)}"
    yield _section(page, "Why it matters", code.why)
    yield _section(page, "What to do", code.remedy)


def _of_rule(page: Page, rule: Rule) -> Iterator[str]:
    about = f"{rule.severity}, {rule.confidence}; family {title(rule.family)}"
    name = page.bold(f"{rule.code} {title(rule.name)}")
    yield f"{name}\n{page.paragraphs(f'{rule.title}.', '')}\n{page.dim(about)}"
    for heading, text in rule.sections.items():
        yield _section(page, heading, text)
    for heading, names in (
        ("What it needs to know", rule.needs),
        ("What it uses where it is known", tuple(name for name in rule.signals if name not in rule.needs)),
    ):
        if names:
            yield f"{page.bold(heading)}\n{_facts(page, names)}"
    if rule.thresholds:
        rows = ((f"{rule.code}.{name}", f"{value:g}") for name, value in rule.thresholds.items())
        yield f"{page.bold('Thresholds, to be changed by --set CODE.threshold=X')}\n{page.entries(rows)}"
    if rule.unless:
        rows = ((code, _title_of(code)) for code in rule.unless)
        yield f"{page.bold('Not told where one of these explains it')}\n{page.entries(rows)}"


def _facts(page: Page, names: Sequence[str]) -> str:
    """What each signal is, and how it is supplied."""
    return "\n".join(page.paragraphs(f"- {SIGNALS[name][0]}: {SIGNALS[name][1]}") for name in names)


def _section(page: Page, heading: str, text: str) -> str:
    return f"{page.bold(heading)}\n{page.paragraphs(text)}"


def _title_of(code: str) -> str:
    return next((title(rule.name) for rule in CATALOGUE if rule.code == code), "")
