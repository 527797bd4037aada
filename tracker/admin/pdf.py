"""PDF files: the one module that knows WeasyPrint. It draws with Pango, which is the system's to bring.

A machine without Pango serves everything else: it answers with the same sheet as a page, which the browser prints.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from mimetypes import guess_type
from pathlib import Path
from types import ModuleType
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header

STYLESHEET = "tracker/sheet.css"

DENSITIES = range(5)
"""How closely a sheet may be set, the loosest first; the stylesheet has a size of type for each."""

_OURS = "http://static.invalid/"
"""Where a sheet's static files seem to lie: no such host can exist, and nothing else is fetched."""


class URLRefused(ValueError):
    """A sheet asked for something that is not one of our static files."""


@cache
def weasyprint() -> ModuleType | None:
    """The library; None where it or Pango is not installed.

    It is looked for when the first PDF is asked for: a worker that makes none need not hold its forty megabytes.
    """
    try:
        return import_module("weasyprint")
    except (ImportError, OSError):
        return None


def sheet_response(
    request: HttpRequest, template: str, context: Mapping[str, Any], file_name: str, *, one_page: bool = False
) -> HttpResponse:
    """A sheet as a PDF; without WeasyPrint the sheet itself, and a sentence that says how to print it.

    With `one_page` it is set more closely until one page holds it. What even the closest setting cannot hold goes on on
    a second page rather than being cut off.
    """
    if weasyprint() is None:
        shown = {**context, "stylesheet": static(STYLESHEET), "density": 0, "without_pdf": True}
        response = HttpResponse(render_to_string(template, shown, request))
    else:
        densities = DENSITIES if one_page else DENSITIES[1:2]
        response = HttpResponse(pdf_of(template, context, densities), content_type="application/pdf")
        response["Content-Disposition"] = (
            content_disposition_header(as_attachment=False, filename=file_name) or "inline"
        )
    add_never_cache_headers(response)
    return response


def pdf_of(template: str, context: Mapping[str, Any], densities: range) -> bytes:
    """The file: as loosely set as one page allows."""
    pdf: bytes = laid_out(template, context, densities).write_pdf(pdf_tags=True)
    return pdf


def laid_out(template: str, context: Mapping[str, Any], densities: range) -> Any:
    """WeasyPrint's document. Raises ModuleNotFoundError where there is no WeasyPrint."""
    library = weasyprint()
    if library is None:
        raise ModuleNotFoundError("WeasyPrint or Pango is not installed")
    document: Any = None
    for density in densities:
        shown = {**context, "stylesheet": f"{_OURS}{STYLESHEET}", "density": density}
        page = render_to_string(template, shown)
        document = library.HTML(string=page, base_url=_OURS, url_fetcher=_fetcher(library)).render()
        if len(document.pages) == 1:
            break
    return document


def _fetcher(library: ModuleType) -> Callable[[str], Any]:
    """What WeasyPrint asks for stylesheets and fonts: our own static files, from the disk, and nothing else."""

    def fetch(url: str) -> Any:
        found = finders.find(url.removeprefix(_OURS)) if url.startswith(_OURS) else None
        if not isinstance(found, str):
            raise URLRefused(f"a sheet is made of our own static files only, not of {url[:100]}")
        kind = guess_type(found)[0] or "application/octet-stream"
        return library.urls.URLFetcherResponse(url, Path(found).read_bytes(), {"Content-Type": kind})

    return fetch
