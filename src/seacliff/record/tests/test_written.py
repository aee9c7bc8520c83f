"""Documents that people write in YAML: whatever they write, it is read or they are told where it is wrong."""

import pytest

from seacliff.record.written import NotYaml, as_yaml, yaml_of


def test_what_is_written_is_read_again():
    said = {"name": "Größe", "hours": [1.5, 2], "none": None, "text": "a: b # c", "when": "2026-01-01"}
    assert yaml_of(as_yaml(said)) == said and list(yaml_of(as_yaml(said))) == list(said)
    assert yaml_of("") is None


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: [", 2, "This is not well-formed YAML: "),
        ("a: b: c", 1, "mapping values are not allowed here"),
        ("a: 2026-13-45", 0, "month must be in 1..12"),
        ("a: \x00", 0, "special characters are not allowed"),
        ("[" * 5000, 0, "can't be read as YAML"),
        ("!!python/object:os.system {}", 1, "could not determine a constructor"),
        ("a: &a [1]\nb: *a", 0, "Write it out"),
    ],
)
def test_what_can_not_be_read_is_said_in_a_sentence_with_its_line(text, line, says):
    with pytest.raises(NotYaml, match=r"\.\Z") as refused:
        yaml_of(text)
    assert refused.value.line == line and says in refused.value.sentence
    assert (f"(line {line})." in str(refused.value)) == bool(line)
