"""The compiled translations are the ones that the catalogues say."""

import subprocess
from pathlib import Path

import pytest

from config.environment import BASE_DIR
from tests.availability import missing

CATALOGUES = sorted(BASE_DIR.glob("locale/*/LC_MESSAGES/*.po"))


@pytest.mark.skipif("gettext" in missing(), reason="gettext: no msgfmt")
@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_the_compiled_catalogue_is_fresh_and_its_placeholders_are_kept(catalogue: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.mo"
    subprocess.run(["msgfmt", "--check-format", "-o", fresh, catalogue], check=True)
    assert catalogue.with_suffix(".mo").read_bytes() == fresh.read_bytes(), "run `make messages`"
