"""How Sphinx builds the documentation: ``make docs``."""

import importlib.metadata
import os
import re
import sys
from pathlib import Path

import matplotlib
from docutils import nodes

# The gallery's networks train beside TensorFlow's start-up messages otherwise.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
matplotlib.use("agg")
sys.path.insert(0, str(Path(__file__).parent))

project = "skecg"
author = "The skecg developers"
project_copyright = "The skecg developers"
release = importlib.metadata.version("skecg")
version = release

extensions = [
    "architecture_table",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "sphinx.ext.mathjax",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates", "auto_examples/*.ipynb", "auto_examples/*.py"]
default_role = "literal"
extlinks = {
    "arxiv": ("https://arxiv.org/abs/%s", "arXiv:%s"),
    "doi": ("https://doi.org/%s", "doi:%s"),
}

# Public names are imported when first asked for: a package's dir() has them all.
autosummary_ignore_module_all = False
autosummary_imported_members = True
autodoc_typehints = "none"
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = f"skecg {release}"
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": False,
}
html_sidebars = {page: [] for page in ("index", "install", "quickstart", "changelog", "design")}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "backreferences_dir": "generated/backreferences",
    "capture_repr": ("_repr_html_",),
    "doc_module": ("skecg",),
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "within_subsection_order": "FileNameSortKey",
    "write_computation_times": False,
}

# What the docstrings of inherited methods refer to; a build needs no network for it.
SCIKIT_LEARN = "https://scikit-learn.org/stable/"
SCIKIT_LEARN_PAGES = {
    "accuracy_score": "modules/model_evaluation.html#accuracy-score",
    "df_output_transform": "data_transforms.html",
    "meta-estimator": "glossary.html#term-meta-estimator",
    "metadata_routing": "metadata_routing.html",
    "sphx_glr_auto_examples_miscellaneous_plot_set_output.py": (
        "auto_examples/miscellaneous/plot_set_output.html"
    ),
}


def link_to_scikit_learn(app, env, node, contnode):
    page = SCIKIT_LEARN_PAGES.get(node["reftarget"])
    if page is not None:
        return nodes.reference("", "", contnode, refuri=SCIKIT_LEARN + page)


def quote_fitted_attributes(app, what, name, obj, options, lines):
    """Keep a shape such as ``(n_features_in_,)`` from being read as a link."""
    lines[:] = [re.sub(r"\((\w+_),?\)$", r"(`\1`,)", line) for line in lines]


def skip_keras(app, what, name, obj, skip, options):
    """Leave out what is inherited from Keras and SciKeras."""
    function = obj.fget if isinstance(obj, property) else obj
    return skip or (getattr(function, "__module__", None) or "").startswith(("keras", "scikeras"))


def setup(app):
    app.connect("autodoc-skip-member", skip_keras)
    app.connect("autodoc-process-docstring", quote_fitted_attributes, priority=400)
    app.connect("missing-reference", link_to_scikit_learn)
