"""Reading YAML strictly: text scalars, lines, and every mistake in how a file is written."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.yaml_nodes import Document, Problem, read, spell

PROTOCOL = """\
# a comment counts as a line
id: relma-cel-ssc
version: 1.10
rules:
  - id: anc
    at_least: 1000 /uL
  - id: hcg
    within: PT48H before first_ld_dose
    told: [crc, pi]
"""


def only_problem(document: Document) -> Problem:
    (problem,) = document.problems
    return problem


@pytest.mark.parametrize(
    "scalar",
    ["NO", "on", "true", "1.10", "010", "1e3", "12:30", "2025-03-03", "0x1F", ".inf", "1_000", "-3", "=", "<<"],
)
def test_every_scalar_stays_the_text_that_was_written(scalar: str) -> None:
    document = read(f"value: {scalar}\nlist:\n  - {scalar}\n")
    assert document.data == {"value": scalar, "list": [scalar]}
    assert document.problems == ()


@pytest.mark.parametrize("nothing", ["", "~", "null", "Null", "NULL"])
def test_nothing_written_is_none(nothing: str) -> None:
    assert read(f"value: {nothing}\n").data == {"value": None}


@pytest.mark.parametrize("quoted", ["''", '""', "'null'", '"~"'])
def test_quoted_text_is_text_even_if_it_looks_like_nothing(quoted: str) -> None:
    assert read(f"value: {quoted}\n").data == {"value": quoted[1:-1]}


def test_a_text_over_several_lines_is_folded_as_yaml_says() -> None:
    assert read("text: >-\n  Hb ≥90 g/L,\n  then wait\nkept: |\n  a\n  b\n").data == {
        "text": "Hb ≥90 g/L, then wait",
        "kept": "a\nb\n",
    }


def test_every_key_and_item_knows_its_line() -> None:
    document = read(PROTOCOL)
    assert dict(document.lines) == {
        (): 2,
        ("id",): 2,
        ("version",): 3,
        ("rules",): 4,
        ("rules", 0): 5,
        ("rules", 0, "id"): 5,
        ("rules", 0, "at_least"): 6,
        ("rules", 1): 7,
        ("rules", 1, "id"): 7,
        ("rules", 1, "within"): 8,
        ("rules", 1, "told"): 9,
        ("rules", 1, "told", 0): 9,
        ("rules", 1, "told", 1): 9,
    }


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("rules", 1, "within"), 8),
        (("rules", 1, "missing", "deeper"), 7),
        (("rules", 7), 4),
        (("nowhere",), 2),
        ((), 2),
    ],
)
def test_a_path_the_file_lacks_has_the_line_of_what_it_would_stand_in(path: tuple[str | int, ...], line: int) -> None:
    assert read(PROTOCOL).line_of(path) == line


def test_in_an_empty_file_everything_stands_on_its_first_line() -> None:
    assert read("").line_of(("rules", 3)) == 1


def test_every_duplicate_key_is_told_with_both_lines_and_the_first_value_is_kept() -> None:
    document = read("a: 1\nb:\n  c: 2\n  c: 3\na:\n  d: 4\n  d: 5\n")
    assert document.data == {"a": "1", "b": {"c": "2"}}
    assert (document.line_of(("a",)), document.line_of(("b", "c"))) == (1, 3)
    assert [(problem.line, problem.where) for problem in document.problems] == [(4, "b.c"), (5, "a"), (7, "a.d")]
    assert document.problems[0].message == "'c' is written twice; the first is on line 3"
    assert all(problem.hint for problem in document.problems)


def test_keys_that_are_written_alike_are_duplicates_whatever_their_quotes() -> None:
    assert only_problem(read("1: a\n'1': b\n")).line == 2


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("a: 1\nb: &mark 2\n", 2, "an anchor", "write the value out"),
        ("a: 1\nb: !!str 2\n", 2, "a tag", "leave it out"),
        ("a: !python/object:os.system {}\n", 1, "a tag", "leave it out"),
        ("%YAML 1.1\n---\na: NO\n", 1, "the directive %YAML", "remove the line"),
        ("a: 1\n---\nb: 2\n", 2, "another document", "one file holds one document"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key must be text", "name: value"),
        ("a: 1\n? {b: c}\n: 2\n", 2, "a key must be text", "name: value"),
        ("a: 1\nnull: 2\n", 2, "a key must be text", "name: value"),
        ("a: 1\n'': 2\n", 2, "a key must be text", "name: value"),
        ("a: 1\nb:\n\t- c\n", 3, "cannot start any token", "indent with spaces"),
        ("a: 1\nb: c: d\n", 2, "mapping values are not allowed", "in quotes"),
        ("a: 1\nb: %x\n", 2, "cannot start any token", "in quotes"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "while parsing a flow sequence that starts on line 2", ""),
        ("a: 1\nb: 'x\nc: 3\n", 3, "while scanning a quoted scalar that starts on line 2", ""),
        ("\na: 1\nb: \x07\nc: 3\nd: 4\n", 3, "special characters are not allowed", "invisible character"),
        ("id: [\n", 1, "while parsing a flow node", ""),
        ("a: 1\nb: \x07\n", 2, "special characters are not allowed", "invisible character"),
        ('{"a": "\\ud83d"}', 1, "half of a character", "write the character itself"),
        ("", 1, "the file is empty", ""),
        ("# only a comment\n", 1, "the file is empty", ""),
        ("[" * 600, 1, "nested too deeply", ""),
    ],
)
def test_what_is_not_plain_yaml_is_told_with_its_line_and_a_hint(text: str, line: int, message: str, hint: str) -> None:
    problem = only_problem(read(text))
    assert problem.line == line
    assert message in problem.message
    assert hint in problem.hint
    assert bool(problem.hint) == bool(hint)


HALF = "half of a character: \\ud800 to \\udfff mean something in pairs only"
KEY = ("a key must be text", "write it as name: value")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ('a: 1\nb: ["x", "\\ud83d"]\n', [Problem(2, ("b", 1), HALF, "write the character itself")]),
        ('a: 1\nb: {"\\ud83d": c}\n', [
            Problem(2, ("b",), HALF, "write the character itself"), Problem(2, ("b",), *KEY),
        ]),
        ("a: 1\nb:\n  ? [c]\n  : 2\n", [Problem(3, ("b",), *KEY)]),
        ("%YAML 1.1\n---\na: NO\n", [
            Problem(1, (), "the directive %YAML is not allowed here", "remove the line: YAML 1.2 is read"),
        ]),
        ("", [Problem(1, (), "the file is empty")]),
        ("[" * 600, [Problem(1, (), "the file is nested too deeply to be read")]),
    ],
)  # fmt: skip
def test_a_problem_says_where_it_stands_and_what_to_do(text: str, problems: list[Problem]) -> None:
    assert list(read(text).problems) == problems


def test_what_follows_a_key_that_is_no_text_is_read_all_the_same() -> None:
    assert read("a: 1\n? [b]\n: 2\nc: 3\n").data == {"a": "1", "c": "3"}


def test_mistakes_on_one_line_are_told_in_the_order_in_which_they_stand_there() -> None:
    first, second = read("a: &x !t 1\n").problems
    assert (first.message, second.message) == (
        "an anchor (&name) is not allowed here",
        "a tag (!name) is not allowed here",
    )


def test_an_alias_is_refused_and_never_expanded() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}]\n" for number in range(1, 40)
    )
    document = read(bomb)
    assert len(document.problems) == 40 + 2 * 39
    assert sum("alias" in problem.message for problem in document.problems) == 2 * 39
    assert isinstance(document.data, dict)
    assert document.data["a1"] == [None, None]


def test_different_mistakes_are_all_told_in_the_order_of_their_lines() -> None:
    document = read("a: &x 1\nb: 2\nb: 3\nc: !t 4\nd: *x\n")
    assert [problem.line for problem in document.problems] == [1, 3, 4, 5]


def test_mistakes_before_a_syntax_error_are_told_with_it() -> None:
    document = read("a: &x 1\nb: c: d\n")
    assert [problem.line for problem in document.problems] == [1, 2]
    assert document.data is None


def test_the_one_document_may_be_marked_and_begin_with_a_byte_order_mark() -> None:
    for text in ("%YAML 1.2\n---\na: 1\n...\n", "---\na: 1\n", "\ufeffa: 1\n"):
        assert read(text).data == {"a": "1"}
        assert read(text).problems == ()


@pytest.mark.parametrize(
    ("path", "spelt"), [((), ""), (("rules",), "rules"), (("rules", 3, "when", "any", 0), "rules[3].when.any[0]")]
)
def test_a_path_is_spelt_as_people_write_it(path: tuple[str | int, ...], spelt: str) -> None:
    assert spell(path) == spelt


characters = st.characters(exclude_categories=["Cs"])
texts = st.text(characters, max_size=8)
json_values = st.recursive(
    st.one_of(texts, st.none(), st.integers(), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(characters, min_size=1, max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def as_text(value: Any) -> Any:
    """What strict reading should make of a JSON value."""
    if isinstance(value, dict):
        return {key: as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return value if value is None or isinstance(value, str) else json.dumps(value)


@given(json_values, st.sampled_from([None, 2, "\t"]))
def test_json_is_read_as_the_yaml_it_is(value: Any, indent: int | str | None) -> None:
    document = read(json.dumps(value, indent=indent))
    assert document.problems == ()
    assert document.data == as_text(value)


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), st.lists(texts, max_size=3), min_size=1, max_size=6)
)
def test_the_line_of_each_key_is_the_line_it_is_written_on(value: dict[str, list[str]]) -> None:
    text = json.dumps(value, indent=1)
    lines = text.split("\n")
    for path, line in read(text).lines.items():
        if path:
            written = path[-1] if isinstance(path[-1], str) else value[str(path[0])][path[-1]]
            assert lines[line - 1].strip().startswith(json.dumps(written))


@given(st.text(alphabet="ab:-[]{}'\"&*!|>%#?,\n\t \\u0", max_size=40))
def test_any_text_is_read_or_has_problems_with_lines_in_the_file(text: str) -> None:
    document = read(text)
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in document.problems)
