"""What a notebook shows."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import sklearn
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from steelyard import SteelyardClassifier
from tests.sklearn.problems import quick, rare

VOID = {"br", "hr", "img", "input", "link", "meta", "line", "rect", "path"}


class Nesting(HTMLParser):
    """Finds tags that are closed in another order than opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_the_diagram_and_the_curves() -> None:
    X, y = rare()
    model = quick(n_seeds=2).fit(X, y)
    html = model._repr_html_()
    assert "sk-top-container" in html  # scikit-learn's own
    (svg,) = re.findall(r"<svg .*?</svg>\s*</div>$", html, flags=re.DOTALL)
    drawing = ElementTree.fromstring(svg.removesuffix("</div>"))
    text = " ".join(drawing.itertext())
    assert "Log loss" in text and "Average precision" in text and "best epoch" in text
    rate = f"{y[model.run_.split.validation].mean():#.3g}"
    assert f"base rate {rate}" in text


def test_it_is_well_formed_and_loads_nothing() -> None:
    X, y = rare()
    html = quick().fit(X, y)._repr_html_()
    checker = Nesting()
    checker.feed(html)
    assert (checker.wrong, checker.open) == ([], [])
    drawing = html[html.rindex('<svg xmlns="http://www.w3.org/2000/svg" class="sy-curves"') :]
    assert "<script" not in drawing and "href" not in drawing and "url(" not in drawing


def test_jupyter_gets_the_same() -> None:
    X, y = rare()
    model = quick().fit(X, y)
    bundle = model._repr_mimebundle_()
    assert bundle["text/plain"] == repr(model)
    assert bundle["text/html"].count("sy-curves") == model._repr_html_().count("sy-curves") > 0


def test_before_fit_there_is_the_diagram_alone() -> None:
    html = SteelyardClassifier()._repr_html_()
    assert "sk-top-container" in html and "sy-curves" not in html


def test_the_choice_of_plain_text_is_respected() -> None:
    X, y = rare()
    model = quick().fit(X, y)
    with sklearn.config_context(display="text"):
        assert not hasattr(model, "_repr_html_")
        assert "text/html" not in model._repr_mimebundle_()


def test_within_a_pipeline() -> None:
    X, y = rare()
    assert "SteelyardClassifier" in make_pipeline(StandardScaler(), quick()).fit(X, y)._repr_html_()


def test_the_text_shows_what_was_set() -> None:
    assert repr(SteelyardClassifier(epochs=3)) == "SteelyardClassifier(epochs=3)"
