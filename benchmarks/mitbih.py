"""What classifiers reach on the MIT-BIH Arrhythmia Database, by two protocols.

    python benchmarks/mitbih.py --data FOLDER --out results.jsonl random-forest ds2-forest
    python benchmarks/mitbih.py --out results.jsonl --table --page docs/results.md

``random``: all 109,446 beats, 80 % to train and 20 % to test, stratified by class, patients on
both sides. ``ds2``: patients apart, trained on DS1 and tested on DS2 as de Chazal et al. divided
the database; Q, of which DS1 has 8 beats and DS2 7, is left out, as in the figures compared with.
No test beat stops a training or chooses anything.

Each result is appended to the file as a line of JSON as soon as it is there; ``--table`` renders
the file as Markdown. MiniRocket needs aeon: ``pip install skecg[benchmark]``, in an environment
of its own where the versions that it asks for are not those in use.
"""

import argparse
import datetime
import json
import math
import time
from functools import partial
from pathlib import Path

import numpy as np
from imblearn.pipeline import make_pipeline
from keras.callbacks import LearningRateScheduler
from mitbih_trees import ChosenTrees, beat_features, segmenter
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler

from skecg import (
    BeatSequenceClassifier,
    ECGBatchNormCNNClassifier,
    ECGCNNLSTMClassifier,
    ECGConvNetClassifier,
    FoldEnsembleClassifier,
)
from skecg.augmentation import GaussianNoise
from skecg.datasets import load_mitbih
from skecg.early_stopping import EarlyStoppingClassifier
from skecg.metrics import aami_report, aami_report_by_record, to_aami_classes
from skecg.model_selection import InterPatientSplit
from skecg.sampling import RandomResampler, balance_to


def cosine(epoch, rate, *, epochs):
    """Give the learning rate of an epoch: from 0.001 to nearly 0 in the last one."""
    return 1e-3 * (1 + math.cos(math.pi * epoch / epochs)) / 2


def decaying(network, epochs, seed, **settings):
    """Train for so many epochs, the learning rate falling all the while."""
    return network(
        epochs=epochs,
        early_stopping=False,
        callbacks=[LearningRateScheduler(partial(cosine, epochs=epochs))],
        random_state=seed,
        verbose=1,
        **settings,
    )


def forest(options):
    return RandomForestClassifier(n_estimators=100, n_jobs=1, random_state=options.seed)


def convnet(options):
    return decaying(ECGConvNetClassifier, options.epochs, options.seed)


def batchnorm(options):
    return decaying(ECGBatchNormCNNClassifier, options.epochs, options.seed)


def ensemble(network, options):
    """Make system A's five-fold ensemble: its folds, and fewer epochs."""
    folds = StratifiedKFold(5, shuffle=True, random_state=2021)
    return FoldEnsembleClassifier(network(options), cv=folds, n_jobs=options.n_jobs)


def batchnorm_reference(options):
    """Make system C: 20,000 beats of each class, noise of 0.5 on each, early stopping."""
    network = ECGBatchNormCNNClassifier(epochs=options.epochs, random_state=options.seed, verbose=1)
    pipeline = make_pipeline(
        RandomResampler(sampling_strategy=balance_to(20_000), random_state=options.seed),
        GaussianNoise(std=0.5, fill_padding=True, random_state=options.seed),
        network,
    )
    return EarlyStoppingClassifier(pipeline, random_state=options.seed)


def cnn_lstm(options):
    network = decaying(ECGCNNLSTMClassifier, options.epochs, options.seed)
    return BeatSequenceClassifier(network, n_beats=10)


def minirocket(options):
    from aeon.transformations.collection.convolution_based import MiniRocket

    return make_pipeline(
        MiniRocket(n_kernels=2_000, random_state=options.seed),
        StandardScaler(),
        RidgeClassifier(alpha=100),
    )


def trees(options):
    return ChosenTrees(options.seed)


METHODS = {
    "forest": (forest, "random forest, 100 trees"),
    "minirocket": (minirocket, "MiniRocket, 2,000 kernels, ridge regression"),
    "trees": (trees, "extra trees on `RRFeatures`, the shape of the beat and its neighbours"),
    "convnet": (convnet, "`ECGConvNetClassifier`"),
    "batchnorm-reference": (
        batchnorm_reference,
        "`ECGBatchNormCNNClassifier`, 20,000 beats a class, noise 0.5",
    ),
    "batchnorm": (batchnorm, "`ECGBatchNormCNNClassifier`"),
    "cnn-lstm": (cnn_lstm, "`ECGCNNLSTMClassifier`, 10 neighbours"),
    "ensemble": (partial(ensemble, convnet), "five-fold ensemble of `ECGConvNetClassifier`"),
    "batchnorm-ensemble": (
        partial(ensemble, batchnorm),
        "five-fold ensemble of `ECGBatchNormCNNClassifier`",
    ),
}
WITH_EPOCHS = set(METHODS) - {"forest", "minirocket", "trees"}


def load(name, folder):
    """Read the beats that an experiment takes; as ``data``, for the trees, features of them."""
    if not name.endswith("-trees"):
        return load_mitbih(folder)
    mitbih = load_mitbih(folder, lead=None, segmenter=segmenter())
    # MLII, or what is there instead, first.
    second = mitbih.record == "114"
    mitbih.data[second] = mitbih.data[second, :, ::-1]
    mitbih.data = beat_features(mitbih.data, mitbih.record, mitbih.sample)
    return mitbih


def split(protocol, mitbih, seed):
    """Return the rows of the training and the test beats."""
    rows = np.arange(len(mitbih.target))
    if protocol == "random":
        return train_test_split(rows, test_size=0.2, stratify=mitbih.target, random_state=seed)
    return (
        side[mitbih.target[side] != "Q"]
        for side in next(InterPatientSplit().split(rows, groups=mitbih.record))
    )


def run(name, mitbih, options):
    """Train and test; return what goes into the file."""
    protocol, method = name.split("-", 1)
    train, test = split(protocol, mitbih, options.seed)
    estimator = METHODS[method][0](options)

    def context(rows, fitting=False):
        if method == "cnn-lstm":
            return {"groups": mitbih.record[rows], "position": mitbih.sample[rows]}
        return {"groups": mitbih.groups[rows]} if method == "trees" and fitting else {}

    X, y = mitbih.data, mitbih.target
    order = np.sort(train)
    start, cpu_start = time.perf_counter(), time.process_time()
    estimator.fit(X[order], y[order], **context(order, fitting=True))
    trained, cpu_seconds = time.perf_counter(), time.process_time() - cpu_start
    test = np.sort(test)
    predicted = estimator.predict(X[test], **context(test))
    done = time.perf_counter()
    labels = "NSVFQ" if protocol == "random" else "NSVF"
    result = {
        "experiment": name,
        "seed": options.seed,
        "epochs": options.epochs if method in WITH_EPOCHS else None,
        "machine": options.machine,
        "escapes_as_s": options.escapes_as_s,
        "n_train": len(train),
        "n_test": len(test),
        "train_seconds": round(trained - start, 1),
        "train_cpu_seconds": round(cpu_seconds, 1),
        "predict_seconds": round(done - trained, 1),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        **scores(y[test], predicted, labels),
    }
    if method == "trees":
        result |= {"chosen": estimator.chosen_, "tried": estimator.scores_}
    if protocol == "ds2":
        result["by_record"] = aami_report_by_record(
            y[test], predicted, record=mitbih.record[test], labels=labels, ec57=False, output="dict"
        )
    return result


def scores(y_true, y_pred, labels):
    """Score with every error counted, as most authors do."""
    report = aami_report(y_true, y_pred, labels=labels, ec57=False, output="dict")
    overall = report["overall"]
    return {
        "accuracy": overall["accuracy"],
        "macro_f1": overall["macro_f1"],
        "j_kappa": overall["j_kappa"],
        "sensitivity": {c: report[c]["sensitivity"] for c in labels},
        "positive_predictivity": {c: report[c]["positive_predictivity"] for c in labels},
        "confusion_matrix": report["confusion_matrix"].tolist(),
    }


def latest(results, protocol):
    """Return the last result of each method, seed and epochs, in the order of `METHODS`."""
    aami = [r for r in results if not r.get("escapes_as_s")]
    chosen = {(r["experiment"], r["seed"], r["epochs"]): r for r in aami}
    rows = [r for (name, *_), r in chosen.items() if name.startswith(f"{protocol}-")]
    order = list(METHODS)
    return sorted(rows, key=lambda r: (order.index(method_of(r)), r["seed"], r["epochs"] or 0))


def method_of(result):
    return result["experiment"].split("-", 1)[1]


def table(results, protocol):
    rows = latest(results, protocol)
    classes = "NSVFQ" if protocol == "random" else "NSVF"
    overall = {"accuracy": "accuracy", "macro F1": "macro_f1"}
    if protocol == "ds2":
        overall["j-kappa"] = "j_kappa"
    lines = [["method", "epochs", *overall, *(f"{c} Se / +P" for c in classes)]]
    lines[0] += ["training, s", "CPU, s"]
    for row in rows:
        of_class = (
            f"{figure(row['sensitivity'][c])} / {figure(row['positive_predictivity'][c])}"
            for c in classes
        )
        lines.append(
            [
                METHODS[method_of(row)][1],
                str(row["epochs"] or ""),
                *(figure(row[name], 4 if name == "accuracy" else 3) for name in overall.values()),
                *of_class,
                f"{row['train_seconds']:.0f} {row.get('machine', '')}".strip(),
                f"{row['train_cpu_seconds']:.0f}" if "train_cpu_seconds" in row else "-",
            ]
        )
    return markdown(lines)


def table_by_record(results, method):
    """Render the last result of a method on DS2, record by record."""
    found = [r for r in latest(results, "ds2") if method_of(r) == method]
    if not found:
        return "Not yet measured."
    result = found[-1]
    lines = [["record", *next(iter(result["by_record"].values()))]]
    for record, row in result["by_record"].items():
        cells = (str(v) if isinstance(v, int) else figure(v) for v in row.values())
        lines.append([record, *cells])
    return markdown(lines)


def figure(value, digits=3):
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def markdown(lines):
    lines = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def write_tables(page, results):
    tables = {
        "mitbih random": table(results, "random"),
        "mitbih ds2": table(results, "ds2"),
        "mitbih by-record": table_by_record(results, "trees"),
    }
    write_between(page, tables)


def write_between(page, tables):
    """Put tables between their marks in a page of the documentation."""
    text = page.read_text()
    for mark, rendered in tables.items():
        begin, end = f"<!-- {mark} -->\n", "\n<!-- end -->"
        before, rest = text.split(begin)
        text = before + begin + rendered + end + rest.split(end, 1)[1]
    page.write_text(text)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [f"{protocol}-{method}" for protocol in ("random", "ds2") for method in METHODS]
    parser.add_argument("experiments", nargs="*", metavar="EXPERIMENT", help=", ".join(names))
    parser.add_argument("--data", help="folder of the MIT-BIH Arrhythmia Database")
    parser.add_argument("--out", type=Path, required=True, help="file of results, JSON lines")
    parser.add_argument("--epochs", type=int, default=10, help="of the networks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--n-jobs", type=int, help="processes that the ensembles train in")
    parser.add_argument(
        "--escapes-as-s",
        action="store_true",
        help="count the escape beats e and j as S, not N; such results are in no table",
    )
    parser.add_argument("--machine", default="", help="beside the seconds, such as 'on a GPU'")
    parser.add_argument("--table", action="store_true", help="render the file of results")
    parser.add_argument("--page", type=Path, help="with --table: put it into docs/results.md")
    options = parser.parse_args()
    unknown = sorted(set(options.experiments) - set(names))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(names)}")

    for name in options.experiments:
        mitbih = load(name, options.data)
        if options.escapes_as_s:
            mitbih.target = to_aami_classes(mitbih.symbol, reassign={"e": "S", "j": "S"})
        result = run(name, mitbih, options)
        with options.out.open("a") as file:
            file.write(json.dumps(result) + "\n")
        print({k: result[k] for k in ("experiment", "accuracy", "macro_f1", "j_kappa")}, flush=True)
    if options.table:
        results = [json.loads(line) for line in options.out.read_text().splitlines()]
        if options.page:
            write_tables(options.page, results)
        else:
            print(table(results, "random"), table(results, "ds2"), sep="\n\n")


if __name__ == "__main__":
    main()
