"""Tables for spreadsheets: UTF-8 that Excel recognises, and no cell that a spreadsheet would calculate."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override

_BOM = "\ufeff"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

TOGETHER = 500
"""How many rows are written at a time: no more of a table is in memory, however long it is."""


def csv_response(file_name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A CSV file to save. Every cell that a spreadsheet would take for a formula begins with an apostrophe.

    The first rows are read before anything is answered: what cannot be read at all is an error, and not half a file.
    """
    pieces = _pieces(chain([header], rows), get_language())
    pieces = chain([_BOM + next(pieces)], pieces)
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file_name)
    return response


def _pieces(rows: Iterable[Sequence[object]], language: str | None) -> Iterator[str]:
    """The text of the rows. They are read when the page has been answered, and still speak its language."""
    writer, waiting = csv.writer(_Echo()), iter(rows)
    while True:
        with override(language):
            piece = "".join(writer.writerow([safe_cell(cell) for cell in row]) for row in islice(waiting, TOGETHER))
        if not piece:
            return
        yield piece


class _Echo:
    """A file for the writer that keeps nothing: each line is handed back."""

    def write(self, line: str) -> str:
        return line


def safe_cell(cell: object) -> str:
    """The text of a cell, which no spreadsheet calculates."""
    text = "" if cell is None else str(cell)
    # What follows blanks is calculated all the same by some of them.
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else text
