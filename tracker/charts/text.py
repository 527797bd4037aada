"""How wide words are, estimated with a margin: a picture made on the server cannot measure the reader's font."""

SIZE = 11.5
"""The size of every letter on a timeline, in units of the picture."""

_WIDE_FROM = "\u2e80"
_WIDTHS = {
    **dict.fromkeys("ijlI.,:;'|!’‘·", 3.6), **dict.fromkeys("frt()[]{}/-–\" ", 4.8), **dict.fromkeys("mwMW@%—→", 11.0),
}  # fmt: skip
_CAPITAL, _LETTER = 8.4, 7.0


def width_of(text: str) -> float:
    """The room that a line of text needs; Chinese characters are square."""
    return sum(map(_width, text))


def shortened(text: str, room: float) -> str:
    """The text, or as much of its beginning as fits with an ellipsis; "" where not even a letter does."""
    if width_of(text) <= room:
        return text
    kept, left = "", room - SIZE
    for letter in text:
        left -= _width(letter)
        if left < 0:
            break
        kept += letter
    return f"{kept.rstrip()}…" if kept.strip() else ""


def in_lines(text: str, room: float, most: int) -> list[str]:
    """The text broken at blanks into at most so many lines; what does not fit the last is shortened."""
    words, lines = text.split(" "), [""]
    while words:
        longer = f"{lines[-1]} {words[0]}".strip()
        if lines[-1] and width_of(longer) > room and len(lines) < most:
            lines.append("")
            continue
        lines[-1] = longer
        words.pop(0)
    return [shortened(line, room) for line in lines]


def _width(letter: str) -> float:
    if letter >= _WIDE_FROM:
        return SIZE + 0.5
    return _WIDTHS.get(letter, _CAPITAL if letter.isupper() else _LETTER)
