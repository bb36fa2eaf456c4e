from steelyard.diagnosis.readers.typography import typed, without_entities


def test_finer_marks_become_those_of_a_keyboard() -> None:
    text = "\u201closs\u201d\u00a0\u2013 don\u2019t \u2212 1\u200b"
    assert typed(text) == '"loss" - don\'t - 1 '
    assert len(typed(text)) == len(text)


def test_letters_of_other_languages_stay() -> None:
    assert typed("Verlust β = größer — 損失") == "Verlust β = größer - 損失"


def test_characters_that_html_names() -> None:
    assert without_entities("&gt;&gt;&gt; f(&quot;a&quot;) &amp;amp; x&lty") == '>>> f("a") &amp; x&lty'
