"""Subcommands on one recording: classify, info and segment."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from skecg._cli._architectures import pretrained_loader
from skecg._cli._command import (
    Command,
    as_unit,
    force_option,
    refuse_to_overwrite,
    set_option,
    set_parameters,
)

_FILE = click.Path(dir_okay=False, path_type=Path)
_IN_THE_BOX = "mitbih-aami"
_PICTURES = (".png", ".pdf", ".svg")
_STRIP_ROWS = 10
# Room for the scale left of the strip.
_SCALE = 6


def _recording(command: Any) -> Any:
    """Add what says how to read a recording."""
    for option in (
        click.option("--unit", help="Unit of the values: V, mV, uV, nV, or the mV of a step."),
        click.option("--fs", type=float, help="Sampling rate in Hz, if the file does not tell."),
        click.argument("file", type=click.Path(path_type=Path)),
    ):
        command = option(command)
    return command


def _peaks(command: Any) -> Any:
    """Add where R peaks come from."""
    return click.option(
        "--r-peaks",
        type=click.Choice(["annotated", "khamis2016", "neurokit", "xqrs"]),
        help="Take those of the annotations, or the method to find them: mostly khamis2016, or "
        "xqrs where NeuroKit2 is not installed.",
    )(command)


def _installed(method: str) -> str:
    """Give the method to find R peaks by where none is asked for."""
    if method == "xqrs" or find_spec("neurokit2") is not None:
        return method
    click.echo(
        f"R peaks are found by xqrs, which misses more of them than {method}; that one needs "
        "NeuroKit2: pip install 'skecg[delineation]'.",
        err=True,
    )
    return "xqrs"


def _read(file: Path, fs: float | None, unit: str | None) -> Any:
    from skecg import read_record

    return read_record(file, fs=fs, unit=as_unit(unit))


def _check_plot(path: Path | None) -> None:
    if path is not None and path.suffix.lower() not in _PICTURES:
        raise click.UsageError(f"--plot must end in {', '.join(_PICTURES)}, got {path}.")


def _check_stretch(record: Any, start: float, duration: float) -> None:
    if not 0 <= start < record.duration or duration <= 0:
        raise click.UsageError(
            f"--start must be in the {record.duration:g} s of the recording, and --duration "
            f"positive, got {start:g} and {duration:g}."
        )


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",")]


@click.command(
    cls=Command,
    example="""
skecg classify holter.edf
skecg classify mitdb/100 --out beats.csv --plot 100.png
skecg classify ecg.csv --fs 250 --model model_mine.skecg
""",
)
@_recording
@click.option("--lead", help="Lead to classify; by default the model's, mostly II.")
@click.option("--model", "model_file", type=_FILE, help="A file of skecg train or skecg.save.")
@_peaks
@click.option("--out", type=_FILE, help="Write the beats to this file.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "wfdb"]),
    help="Of the beats: by default what --out ends in, else csv. Without --out, csv and json "
    "go to standard output instead of the summary.",
)
@click.option("--plot", type=_FILE, help="Draw a stretch with its beats: .png, .pdf or .svg.")
@click.option("--start", type=float, default=0.0, help="Start of the stretch in s; 0.")
@click.option("--duration", type=float, default=10.0, help="Its length in s; 10.")
@force_option
def classify(
    file: Path,
    fs: float | None,
    unit: str | None,
    lead: str | None,
    model_file: Path | None,
    r_peaks: str | None,
    out: Path | None,
    form: str | None,
    plot: Path | None,
    start: float,
    duration: float,
    force: bool,
) -> None:
    """Classify the beats of a recording.

    FILE is WFDB, CSV, EDF, BDF, NumPy or Apple Health; a WFDB record may be named without
    suffix. Prints counts, runs and heart rate.
    """
    if form is None and out is not None:
        form = {".json": "json"}.get(out.suffix.lower(), "csv")
    if form == "wfdb" and out is None:
        raise click.UsageError("--format wfdb needs --out, such as 100.skecg.")
    from skecg.record_classifier import select_leads

    refuse_to_overwrite([path for path in (out, plot) if path is not None], force)
    _check_plot(plot)
    # What is wrong with the recording is told before the seconds that a network takes to load.
    record = _read(file, fs, unit)
    if lead is not None:
        # The first lead stands in for the model's own only, not for one that was asked for.
        select_leads(record, [lead])
    if plot is not None:
        _check_stretch(record, start, duration)
    model = _record_classifier(model_file, lead)
    annotated = r_peaks == "annotated"
    if not annotated:
        model.set_params(method=r_peaks or _installed(model.method))
    try:
        prediction = model.predict_record(
            record, r_peaks="annotated" if annotated else None, verbose=True
        )
    except ValueError as error:
        n_features = getattr(model.estimator, "n_features_in_", None)
        if f"{n_features} features" not in str(error):
            raise
        raise click.ClickException(
            f"{model_file} is of samples of {n_features} time steps, not of beats: {error} A model "
            "of whole recordings is for skecg predict."
        ) from error
    if out is not None:
        _write_beats(prediction, out, form)
    if plot is not None:
        _draw_beats(record, prediction, plot, start, duration)
    if out is None and form is not None:
        _print_beats(prediction, form)
    else:
        click.echo(str(prediction))
        if model_file is None:
            click.echo(_found_in_tests(), err=True)
        click.echo("For research: skecg is not a medical device.", err=True)


def _record_classifier(model_file: Path | None, lead: str | None) -> Any:
    """Load a classifier of recordings, or put one around a classifier of beats."""
    load_pretrained = pretrained_loader()
    if model_file is None and load_pretrained is None:
        raise click.UsageError("no model is in the box: --model is needed.")
    import skecg

    model = load_pretrained(_IN_THE_BOX) if model_file is None else skecg.load(model_file)
    if not isinstance(model, skecg.RecordClassifier):
        model = skecg.RecordClassifier(model)
    return model if lead is None else model.set_params(lead=lead)


def _found_in_tests() -> str:
    """Tell how few of some classes the model in the box finds: its counts do not show it."""
    card = files("skecg") / "pretrained_models" / f"{_IN_THE_BOX}.json"
    classes = json.loads(card.read_text(encoding="utf-8"))["ds2"]["detected"]["classes"]
    shares = [f"{name} {figures['sensitivity'][0]:.0%}" for name, figures in classes.items()]
    return (
        f"In its test this model found {', '.join(shares)} of the beats (Q: paced, unknown): few "
        "counted does not mean few there."
    )


def beat_rows(prediction: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Give the names of the columns and the rows of a table of beats.

    Parameters
    ----------
    prediction : RecordPrediction
        What `RecordClassifier.predict_record` returned.

    Returns
    -------
    header : list of str
        Names.
    rows : list of tuple
        One a beat.
    """
    header = [*prediction.beats.dtype.names, *(f"p_{name}" for name in prediction.classes)]
    pairs = zip(prediction.beats.tolist(), prediction.probabilities.tolist(), strict=True)
    return header, [(*beat, *probabilities) for beat, probabilities in pairs]


def _summary(prediction: Any) -> dict[str, Any]:
    def table(rows: Any) -> list[dict[str, Any]]:
        return [dict(zip(rows.dtype.names, row, strict=True)) for row in rows.tolist()]

    leads = prediction.all_lead_names
    header, rows = beat_rows(prediction)
    return {
        "record": prediction.record_id,
        "fs": prediction.fs,
        "duration": prediction.duration,
        "leads": prediction.lead_names,
        "r_peaks": prediction.r_peaks,
        "heart_rate": prediction.heart_rate,
        "counts": prediction.counts,
        "unclassified": prediction.n_unclassified,
        "burden": prediction.burden,
        "runs": table(prediction.runs),
        "quality": [{**row, "lead": leads[row["lead"]]} for row in table(prediction.quality)],
        "beats": [dict(zip(header, row, strict=True)) for row in rows],
    }


def _write_beats(prediction: Any, out: Path, form: str | None) -> None:
    from skecg._cli._output import write_json, write_table

    if form == "wfdb":
        prediction.to_wfdb_annotations(out)
    elif form == "json":
        write_json(out, _summary(prediction))
    else:
        write_table(out, *beat_rows(prediction))


def _print_beats(prediction: Any, form: str) -> None:
    from skecg._cli._output import print_table, to_json

    if form == "json":
        sys.stdout.write(to_json(_summary(prediction)))
    else:
        print_table(sys.stdout, *beat_rows(prediction))


def _draw_beats(record: Any, prediction: Any, path: Path, start: float, duration: float) -> None:
    import matplotlib
    import numpy as np

    matplotlib.use("agg")
    from skecg._cli._output import write_figure
    from skecg.inspection import SignalDisplay

    labels = prediction.beats["label"]
    display = SignalDisplay.from_predictions(
        record,
        prediction.beats["sample"],
        np.where(labels == "", "?", labels),
        leads=list(prediction.lead_names),
        start=start,
        duration=min(duration, record.duration - start),
    )
    write_figure(path, display.figure_)


@click.command(
    cls=Command,
    example="""
skecg info mitdb/100
skecg info ecg.csv --fs 250 --plot strip.png
""",
)
@_recording
@click.option("--lead", help="Leads to show, with commas between; by default the first.")
@click.option("--start", type=float, default=0.0, help="First second to show; 0.")
@click.option("--duration", type=float, default=5.0, help="Seconds to show; 5.")
@click.option("--plot", type=_FILE, help="Draw the strip to this file instead: .png, .pdf, .svg.")
@force_option
def info(
    file: Path,
    fs: float | None,
    unit: str | None,
    lead: str | None,
    start: float,
    duration: float,
    plot: Path | None,
    force: bool,
) -> None:
    """Tell what is in a recording.

    Leads, rate, length, marks, the stretches that cannot be read, and a strip of the signal.
    """
    refuse_to_overwrite([] if plot is None else [plot], force)
    _check_plot(plot)
    record = _read(file, fs, unit)
    wanted = _names(lead)
    shown = record.select_leads(list(record.lead_names[:1]) if wanted is None else wanted)
    _check_stretch(record, start, duration)
    for line in _description(record):
        click.echo(line)
    if plot is not None:
        import matplotlib

        matplotlib.use("agg")
        from skecg._cli._output import write_figure
        from skecg.inspection import SignalDisplay

        leads = None if wanted is None else list(shown.lead_names)
        seconds = min(duration, record.duration - start)
        display = SignalDisplay.from_record(record, leads=leads, start=start, duration=seconds)
        write_figure(plot, display.figure_)
        return
    import shutil

    width = shutil.get_terminal_size().columns - 1
    first, stop = round(start * record.fs), round((start + duration) * record.fs)
    for name in shown.lead_names:
        end = min(start + duration, record.duration)
        click.echo(f"\n{name}, {start:g} to {end:g} s, mV")
        for line in strip(shown.lead(name)[first:stop], width):
            click.echo(line)


def _description(record: Any) -> list[str]:
    import numpy as np

    from skecg.preprocessing import signal_quality

    lines = [
        f"record    {record.record_id or '-'}",
        f"leads     {', '.join(record.lead_names)}",
        f"rate      {record.fs:g} Hz",
        f"length    {record.duration:.1f} s, {record.n_timesteps} samples a lead",
    ]
    if record.age is not None or record.sex is not None:
        age = "" if record.age is None else f"{record.age:g} years"
        lines.append(f"patient   {', '.join(filter(None, (age, record.sex)))}")
    if record.annotations is not None:
        symbols, counts = np.unique(record.annotations.symbol, return_counts=True)
        marks = (f"{count} {s}" for s, count in zip(symbols.tolist(), counts.tolist(), strict=True))
        lines.append(f"marks     {', '.join(marks)}")
    try:
        stretches = signal_quality(record.signal, record.fs, verbose=True)
    except ValueError as error:
        return [*lines, f"quality   cannot be judged: {error}"]
    for column, name in enumerate(record.lead_names):
        own = stretches[stretches["lead"] == column]
        reasons = [
            f"{own['duration'][own['reason'] == reason].sum():.1f} s {reason}"
            for reason in np.unique(own["reason"]).tolist()
        ]
        lines.append(f"quality   {name}: {', '.join(reasons) or 'good'}")
    return lines


def strip(signal: Any, width: int) -> list[str]:
    """Draw a signal in characters.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps,)
        In mV; NaN stays empty.
    width : int
        Characters a line, the scale included.

    Returns
    -------
    list of str
        Lines, from top to bottom.
    """
    import numpy as np

    n_columns = max(1, min(width - _SCALE, len(signal)))
    bounds = np.linspace(0, len(signal), n_columns + 1).astype(int)
    known = np.isfinite(signal)
    if not known.any():
        return ["nothing but missing samples"]
    low, high = float(signal[known].min()), float(signal[known].max())
    step = (high - low) / (_STRIP_ROWS - 1) or 1.0
    canvas = np.full((_STRIP_ROWS, n_columns), " ")
    last = None
    for column, (start, stop) in enumerate(pairwise(bounds)):
        values = signal[start:stop][known[start:stop]]
        if not len(values):
            last = None
            continue
        ends = [values.min(), values.max()] if last is None else [*values, last]
        rows = np.rint((high - np.array([min(ends), max(ends)])) / step).astype(int)
        canvas[rows[1] : rows[0] + 1, column] = "|" if rows[0] > rows[1] else "-"
        last = values[-1]
    scale = {0: f"{high:5.2f}", _STRIP_ROWS - 1: f"{low:5.2f}"}
    return [f"{scale.get(i, ''):>5} {''.join(row)}".rstrip() for i, row in enumerate(canvas)]


@click.command(
    cls=Command,
    example="""
skecg segment mitdb/100 --out beats.csv
skecg segment ecg.csv --fs 250 --out beats.csv --set "window=(0.25, 0.5)" target_fs=250
""",
)
@_recording
@click.option("--lead", help="Leads to cut, with commas between; by default one like II.")
@_peaks
@click.option("--out", type=_FILE, required=True, help="File to write: one beat a row.")
@set_option("Parameters of BeatSegmenter, such as target_fs=250.")
@force_option
def segment(
    file: Path,
    fs: float | None,
    unit: str | None,
    lead: str | None,
    r_peaks: str | None,
    out: Path,
    values: dict[str, Any],
    force: bool,
) -> None:
    """Cut a recording into beats.

    Writes a CSV file with one beat a row, as skecg predict takes it: 187 samples at 125 Hz by
    default. Values of several leads at one time are neighbours.
    """
    refuse_to_overwrite([out], force)
    import numpy as np

    from skecg._files import replacing
    from skecg.preprocessing import BeatSegmenter, detect_r_peaks
    from skecg.record_classifier import select_leads

    segmenter = set_parameters(BeatSegmenter(), values, "BeatSegmenter")
    record = _read(file, fs, unit)
    chosen = select_leads(record, _names(lead) or "II")
    peaks = None
    if r_peaks != "annotated":
        method = r_peaks or _installed("khamis2016")
        peaks = detect_r_peaks(chosen.signal, record.fs, method=method, verbose=True)
        if not len(peaks):
            raise click.ClickException(f"no R peaks were found in {file}.")
    beats = segmenter.segment(chosen, peaks)
    with replacing(out) as beside:
        np.savetxt(beside, beats.data.reshape(len(beats.data), -1), fmt="%.6g", delimiter=",")
    click.echo(
        f"{len(beats.data)} beats of {beats.data.shape[1]} samples at {beats.fs:g} Hz, lead "
        f"{', '.join(beats.lead_names)}; {beats.n_dropped} not completely in the recording"
    )
