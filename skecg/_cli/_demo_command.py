"""The demonstration, as a subcommand."""

from __future__ import annotations

from pathlib import Path

import click

from skecg._cli._command import Command, force_option


@click.command(cls=Command, example="skecg demo --out demo-output")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the MIT-BIH Arrhythmia Database; generated beats by default.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-output"),
    show_default=True,
    help="Folder for the picture and the model.",
)
@force_option
def demo(data: Path | None, out: Path, force: bool) -> None:
    """Run the whole job on generated beats.

    Resampling, noise and a network in a pipeline, a search over its kernel size with
    patients apart, a report, a picture, and the pipeline in a file.
    """
    if out.exists() and any(out.iterdir()) and not force:
        raise click.ClickException(f"{out} is not empty; --force overwrites what is there.")
    from skecg import _demo

    _demo.run(out, data)
