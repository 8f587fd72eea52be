"""The directive ``architecture-table``: what the networks are, from the code."""

import re

from docutils.parsers.rst import Directive
from numpydoc.docscrape import ClassDoc

import skecg.classifiers


def architectures():
    """Networks by name."""
    things = {name: getattr(skecg.classifiers, name) for name in skecg.classifiers.__all__}
    return {name: thing for name, thing in things.items() if hasattr(thing, "_network")}


def reference_network(cls):
    """Build the network with the default parameters, at the shape that they were made for."""
    shape, n_classes = cls._reference
    defaults = cls()
    parameters = {name: getattr(defaults, name) for name in cls._architecture_names()}
    return cls._network(shape, n_classes, **parameters)


def rows():
    """Name, input, classes, parameters and references of every network."""
    for name, cls in architectures().items():
        network = reference_network(cls)
        size = " × ".join("beats" if n is None else str(n) for n in network.input_shape[1:])
        references = " ".join(" ".join(ClassDoc(cls)["References"]).split())
        sources = re.findall(r'"([^"]+)"[^"]*?(:(?:arxiv|doi):`[^`]+`)', references)
        yield (
            f":class:`~skecg.classifiers.{name}`",
            size,
            str(cls._reference[1]),
            f"{network.count_params():,}",
            "; ".join(f"{title}, {link}" for title, link in sources) or "—",
        )


class ArchitectureTable(Directive):
    """Takes nothing."""

    def run(self):
        """Write the table."""
        lines = [".. list-table::", "   :header-rows: 1", "   :widths: 26 14 8 12 40", ""]
        header = ("Estimator", "Input", "Classes", "Parameters", "Builds on")
        for row in (header, *rows()):
            lines += [f"   {'-' if i else '* -'} {cell}" for i, cell in enumerate(row)]
        lines = [re.sub(r"^   - ", "     - ", line) for line in lines]
        self.state_machine.insert_input(lines, "architectures")
        return []


def setup(app):
    """Tell Sphinx."""
    app.add_directive("architecture-table", ArchitectureTable)
    return {"parallel_read_safe": True}
