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
    import skecg.classifiers

    formatter = click.get_current_context().make_formatter()
    if architecture is not None:
        network = getattr(skecg.classifiers, ARCHITECTURES[architecture])()
        formatter.write_dl([(k, repr(v)) for k, v in sorted(network.get_params(False).items())])
        click.echo(formatter.getvalue(), nl=False)
        return
    rows = []
    for name, class_name in ARCHITECTURES.items():
        network = getattr(skecg.classifiers, class_name)
        (n_timesteps, n_leads), n_classes = network._reference
        size = f"Made for {n_timesteps} x {n_leads} and {n_classes} classes."
        rows.append((name, f"{network.__doc__.splitlines()[0]} {size}"))
    formatter.write_dl(rows)
    formatter.write("\n")
    if pretrained_loader() is not None:
        formatter.write_text("Pretrained: mitbih-aami, which skecg classify takes by default.")
    formatter.write_text("Networks on tables or on sequences of beats are there from Python.")
    click.echo(formatter.getvalue(), nl=False)
