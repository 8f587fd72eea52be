"""The command ``skecg``.

Nothing here, nor in the modules of its subcommands, imports more than Click before a
subcommand runs: help is there at once.
"""

from __future__ import annotations

import click

from skecg import __version__
from skecg._cli._architectures import models
from skecg._cli._command import Group
from skecg._cli._demo_command import demo
from skecg._cli._recordings import classify, info, segment
from skecg._cli._training import evaluate, predict, train

__all__ = ["main"]


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
)
@click.version_option(__version__, prog_name="skecg")
def main() -> None:
    """Classify electrocardiograms.

    For research: skecg is not a medical device. Each subcommand tells more by --help.
    """


for command in (classify, info, segment, train, evaluate, predict, models, demo):
    main.add_command(command)
