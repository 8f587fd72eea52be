import doctest
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

import skecg

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = sorted(page for page in DOCS.glob("*.rst") if ">>> " in page.read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_is_so(page):
    plt.switch_backend("agg")
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    result = doctest.testfile(
        str(page), module_relative=False, optionflags=options, encoding="utf-8"
    )
    plt.close("all")
    assert result.attempted
    assert not result.failed


def test_the_api_reference_has_every_public_module():
    modules = [name for name, module in skecg._PUBLIC.items() if module == f".{name}"]
    listed = (DOCS / "api.rst").read_text("utf-8").split()
    assert [name for name in modules if f"skecg.{name}" not in listed] == []
