import ast

import pytest

from steelyard.diagnosis.readers.post.statements import statements


def found(text: str) -> list[tuple[str, str]]:
    return [
        (", ".join(one.targets), "" if one.value is None else ast.unparse(one.value))
        for one in statements(text)
    ]


def test_a_line_that_a_page_has_made_of_a_program() -> None:
    text = (
        "I try this: model = Sequential() # layer 1 model.add(Dense(7, activation='linear')) "
        "model.add(Dropout(0.5)) n = int(X.shape[0]*0.2) X_val = X.iloc[-n:,:] and sklearn's weights "
        "don't help, see model.fit(X.values, y, epochs=50) After 50 epochs there is nothing."
    )
    assert found(text) == [
        ("model", "Sequential()"),
        ("", "model.add(Dense(7, activation='linear'))"),
        ("", "model.add(Dropout(0.5))"),
        ("n", "int(X.shape[0] * 0.2)"),
        ("X_val", "X.iloc[-n:, :]"),
        ("", "model.fit(X.values, y, epochs=50)"),
    ]


def test_a_comment_in_a_script_is_no_code() -> None:
    assert found("a = f(1)\n# model.add(Dropout(0.9))\nb = 2  # c = g(3)\n") == [("a", "f(1)"), ("b", "2")]


def test_comments_inside_of_a_flattened_list_cost_no_layer() -> None:
    text = (
        "m = Sequential([ Dense(64, activation='relu'), # hidden Dropout(0.5), # drop it Dense(1) ]) "
        + "and some more words to make the line long, as they are in a post. " * 4
        + "m.fit(x, y)"
    )
    assert found(text)[0] == ("m", "Sequential([Dense(64, activation='relu'), Dropout(0.5), Dense(1)])")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a, b = f(x), g(y)", ("a, b", "(f(x), g(y))")),
        ("a = b = f(x)", ("a, b", "f(x)")),
        ("self.model = f(\n    1,\n    2,  # why\n)", ("self.model", "f(1, 2)")),
        ("df['x'] = f(df['x'])", ("df['x']", "f(df['x'])")),
        ("from a.b import c as d, e", ("d, e", "('a.b.c', 'a.b.e')")),
        ("for a, b in k.split(X):\n", ("a, b", "k.split(X)")),
        ("def f(x, y=1):\n", ("f, x, y", "")),
    ],
)
def test_forms_of_statements(text: str, expected: tuple[str, str]) -> None:
    assert found(text)[0] == expected


def test_prose_is_no_code() -> None:
    text = "The model (a net) isn't good: 'it's' 90% right (see [1]). What's up with Adam (which is slow)?"
    assert [one for one in found(text) if "(" in one[1]] == []


def test_a_call_with_prose_behind_a_dash() -> None:
    assert found("model.fit(x, y) - this fails")[0] == ("", "model.fit(x, y)")
