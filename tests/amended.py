"""An amendment for tests only: version 2 of the shipped protocol, which is no amendment of the real trial.

It asks for 1500 neutrophils, halves the window of the test before the first dose, no longer asks for vascular access,
and asks for two things more: a test in the three days before enrolment, and a confirmed dose before the first dose.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow import loading
from workflow.loading import PROTOCOLS, shipped_protocol, shipped_versions

FIRST, AMENDED = "relma-cel-ssc", "relma-cel-ssc-2"

_CONFIRMED = (
    "  dose_confirmed: {kind: answer, label: Dose confirmed, label_zh: 剂量已确认, "
    'choices: ["yes", "no"], attested_by: pharmacist}\n'
)
_PASSAGES = (
    ('version: "1"\n', f'version: "2"\namends: {FIRST}\n'),
    ("  at_least: 1000 /uL\n", "  at_least: 1500 /uL\n"),
    ("  within: PT48H before first_ld_dose", "  within: PT24H before first_ld_dose"),
    ("  contraception_agreed: {kind: answer,", f"{_CONFIRMED}  contraception_agreed: {{kind: answer,"),
)
_NEW_RULES = """
- id: dose_confirmed_ld
  gate: lymphodepletion
  title: Dose confirmed
  title_zh: 剂量已确认
  text: the dose is confirmed
  text_zh: 剂量已确认
  basis: protocol
  answer: dose_confirmed
  is: "yes"

- id: hcg_3d_enrol
  gate: enrol
  title: Serum β-hCG negative within 3 days before enrolment
  title_zh: 入组前3天内血清β-hCG阴性
  text: within 3 days
  text_zh: 3天内
  basis: protocol
  applies_when: a_woman_who_can_bear_children
  answer: serum_hcg
  is: negative
  within: P3D before enrolment
  owed:
    basis: site practice
    reminders:
    - {name: order, before_due: PT48H, tell: [crc], say: Order the test., say_zh: 请开具检查单。}

"""


def amended_text(text: str) -> str:
    """The amendment, made of the text that it amends. Raises LookupError where that reads otherwise than expected."""
    for old, new in _PASSAGES:
        if text.count(old) != 1:
            raise LookupError(f"{old!r} stands {text.count(old)} times in the file")
        text = text.replace(old, new)
    before, fallen, after = _taken_apart(text)
    if "answer: vascular_access" not in fallen:
        raise LookupError("the rule that falls away is not the one expected")
    return before + _NEW_RULES.lstrip("\n") + after


def _taken_apart(text: str) -> tuple[str, str, str]:
    """What stands before the rule that falls away, the rule, and what follows it."""
    start, end = text.index("- id: vascular_access\n"), text.index("- id: crcl\n")
    return text[:start], text[start:end], text[end:]


def written_to(folder: Path) -> Path:
    """Both versions as files of a folder; the amendment's."""
    text = (PROTOCOLS / f"{FIRST}.yaml").read_text(encoding="utf-8")
    (folder / f"{FIRST}.yaml").write_text(text, encoding="utf-8")
    path = folder / f"{AMENDED}.yaml"
    path.write_text(amended_text(text), encoding="utf-8")
    return path


@contextmanager
def shipped_from(folder: Path) -> Iterator[None]:
    """As if the program came with the protocols of a folder."""
    before = loading.PROTOCOLS
    try:
        _ship(folder)
        yield
    finally:
        _ship(before)


def _ship(folder: Path) -> None:
    loading.PROTOCOLS = folder
    forget()


def forget() -> None:
    """Read the shipped protocols again."""
    shipped_protocol.cache_clear()
    shipped_versions.cache_clear()
