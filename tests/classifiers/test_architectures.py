"""The table of architectures in the documentation."""

import importlib.util
import inspect
import re
from pathlib import Path

import pytest

from tests.estimators import networks

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def table():
    path = DOCS / "architecture_table.py"
    if not path.exists():
        pytest.skip("the documentation is not in an installed package")
    spec = importlib.util.spec_from_file_location("architecture_table", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {row[0].split(".")[-1].rstrip("`"): row[1:] for row in module.rows()}


def test_every_network_is_in_the_table(table):
    assert set(table) == {cls.__name__ for cls in networks()}


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("ECGConvNetClassifier", ("187 × 1", "5", "254,901")),
        ("ECGBatchNormCNNClassifier", ("187 × 1", "5", "118,341")),
        ("ECGTabularDNNClassifier", ("117", "2", "10,289")),
        ("ECGMultiLeadCNNClassifier", ("5000 × 4", "2", "2,598,145")),
        ("ECGInversionCNNClassifier", ("750 × 12", "2", "149,185")),
        ("ECGResNetClassifier", ("187 × 1", "5", "55,013")),
    ],
)
def test_the_figures_of_the_references(table, name, row):
    assert table[name][:3] == row


def test_figures_in_docstrings_are_those_of_the_table(table):
    for cls in networks():
        text = " ".join(inspect.getdoc(cls).split())
        for figure in re.findall(r"defaults have ([\d,]+) parameters", text):
            assert figure == table[cls.__name__][2]


def test_publications_are_linked(table):
    assert ":arxiv:`1805.00794`" in table["ECGResNetClassifier"][3]
    assert all(row[3] == "—" or re.search(r":(arxiv|doi):`.+`", row[3]) for row in table.values())
