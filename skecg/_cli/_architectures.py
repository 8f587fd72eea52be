"""The networks that the command knows, and what it says of models."""

from __future__ import annotations

from typing import Any

import click

from skecg._cli._command import Command

ARCHITECTURES = {
    "batchnorm-cnn": "ECGBatchNormCNNClassifier",
    "convnet": "ECGConvNetClassifier",
    "inception-time": "ECGInceptionTimeClassifier",
    "inversion-cnn": "ECGInversionCNNClassifier",
    "multilead-cnn": "ECGMultiLeadCNNClassifier",
    "resnet": "ECGResNetClassifier",
    "resnext": "ECGResNeXtClassifier",
}


def pretrained_loader() -> Any:
    """Give `skecg.load_pretrained`, or None where there is none."""
    try:
        from skecg import load_pretrained
    except ImportError:
        return None
    return load_pretrained


@click.command(
    cls=Command,
    example="""
skecg models
skecg models convnet
""",
)
@click.argument("architecture", required=False, type=click.Choice(list(ARCHITECTURES)))
def models(architecture: str | None) -> None:
    """List the architectures that can be trained, or one's parameters.

    The parameters are those that skecg train takes by --set.
    """
    from rich.console import Console
    from rich.table import Table

    import skecg.classifiers

    table = Table(box=None, pad_edge=False)
    if architecture is None:
        for title in ("architecture", "made for", "what it is"):
            table.add_column(title, overflow="fold")
        for name, class_name in ARCHITECTURES.items():
            network = getattr(skecg.classifiers, class_name)
            (n_timesteps, n_leads), n_classes = network._reference
            size = f"{n_timesteps} x {n_leads}, {n_classes} classes"
            table.add_row(name, size, network.__doc__.splitlines()[0])
    else:
        for title in ("parameter", "default"):
            table.add_column(title, overflow="fold")
        defaults = getattr(skecg.classifiers, ARCHITECTURES[architecture])().get_params(deep=False)
        for name, value in sorted(defaults.items()):
            table.add_row(name, repr(value))
    console = Console(markup=False, highlight=False)
    console.print(table)
    if architecture is None:
        if pretrained_loader() is not None:
            console.print("\npretrained: mitbih-aami, which skecg classify takes by default")
        console.print("\nNetworks on tables or on sequences of beats are there from Python.")
