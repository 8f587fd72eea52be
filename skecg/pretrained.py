"""Models that come with the package."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Final

from skecg.persistence import load
from skecg.record_classifier import RecordClassifier

__all__ = ["PRETRAINED_MODELS", "load_pretrained"]

PRETRAINED_MODELS: Final = ("mitbih-aami",)


def load_pretrained(name: str = "mitbih-aami") -> RecordClassifier:
    """Load a trained model that comes with the package.

    Research use only: not a medical device.

    Parameters
    ----------
    name : {"mitbih-aami"}, default="mitbih-aami"
        "mitbih-aami" gives beats of lead II one of the AAMI classes N, S, V, F and Q. It is a
        network that has learned from the 22 recordings of DS1 of the MIT-BIH Arrhythmia
        Database; its model card, :doc:`/pretrained`, tells what it reaches and what not.

    Returns
    -------
    RecordClassifier
        Fitted: `~skecg.RecordClassifier.predict_record` classifies recordings of any sampling
        rate of at least 50 Hz, by the lead II or one of a like name. Another lead is
        taken, with a warning, if there is none.

    Raises
    ------
    ValueError
        If there is no such model.

    See Also
    --------
    skecg.RecordClassifier : What is returned, with its parameters.
    skecg.feature_extraction.BeatContextSegmenter : What the network sees of a beat.

    Notes
    -----
    Nothing is downloaded, and loading runs no code from the file: see :func:`skecg.load`.

    R peaks are found by a detector that needs the extra ``delineation``; without it, use
    ``load_pretrained().set_params(method="xqrs")``.

    References
    ----------
    .. [1] G. B. Moody, R. G. Mark, "The impact of the MIT-BIH Arrhythmia Database", IEEE
       Engineering in Medicine and Biology 20(3), 45-50, 2001. :doi:`10.1109/51.932724`

    Examples
    --------
    >>> import skecg
    >>> from skecg.datasets import make_recordings
    >>> record = make_recordings(1, duration=30, random_state=0)[0]
    >>> classifier = skecg.load_pretrained("mitbih-aami").set_params(method="xqrs")
    >>> prediction = classifier.predict_record(record)
    >>> list(prediction.counts)
    ['F', 'N', 'Q', 'S', 'V']

    Of a file: ``skecg.load_pretrained("mitbih-aami").predict_record(skecg.read_record(path))``.
    """
    if name not in PRETRAINED_MODELS:
        raise ValueError(f"name must be one of {', '.join(PRETRAINED_MODELS)}, got {name!r}.")
    with as_file(files("skecg") / "pretrained_models" / f"{name}.skecg") as path:
        classifier: RecordClassifier = load(path)
    return classifier
