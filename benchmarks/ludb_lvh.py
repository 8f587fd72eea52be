"""Left ventricular hypertrophy in LUDB: what features and models reach under cross-validation.

    python benchmarks/ludb_lvh.py ../shared/data/ludb

Each row is a model on features of 200 recordings, one per person. By default it is scored in 7-fold
cross-validation, stratified and repeated 5 times with other folds: means over all folds, +- the
standard deviation of the repetitions' means, and in brackets the worst and the best fold, which
has 28 or 29 people. What a model can choose (C of the regressions and the support vector
machine) it chooses by a cross-validation of its own within the training folds; a test fold never
chooses anything. ``--protocol reference`` takes the folds of the reference, KFold(7,
shuffle=True, random_state=123), once.

Features are computed beforehand: they look at one recording at a time. Missing values are
filled in by the means of the training folds. signal_ntp is not defined for three malformed
recordings: its rows have 197 people.

The networks on waveforms take seconds to minutes a fold, and run only when asked for:

    python benchmarks/ludb_lvh.py ../shared/data/ludb --repeats 1 --models "multi-lead CNN"

They stop early by people set aside from the training folds, never by a test fold.
``--across-folds`` shows what one multi-lead CNN seems to reach that is trained on from fold
to fold, so that it has seen every test fold but the first. That measures nothing else; with
``--afresh`` it is a new network for each fold, trained as long, for comparison.
"""

import argparse
import json
import time
import warnings
from functools import partial

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    cross_validate,
)
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, SplineTransformer, StandardScaler
from sklearn.svm import SVC

import skecg
from skecg.datasets import load_ludb
from skecg.feature_extraction import (
    AnnotationFeatures,
    Demographics,
    IntervalFeatures,
    VectorFeatures,
    VoltageFeatures,
    WaveformFeatures,
    validate_records,
    voltage_criteria,
)
from skecg.preprocessing import BandpassFilter, LeadScaler, LeadSelector, MedianBeat, Resampler

N_FOLDS = 7
# Voltages, intervals, age and sex; the same and vectors.
N_FEATURES = 96
N_WITH_VECTORS = 104


def tuned(*steps, C):
    """Make a pipeline whose last step chooses C within the training folds."""
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), *steps)
    inner = StratifiedKFold(5, shuffle=True, random_state=0)
    grid = {f"{pipeline.steps[-1][0]}__C": C}
    return GridSearchCV(pipeline, grid, scoring="average_precision", cv=inner)


def linear():
    return tuned(LogisticRegression(max_iter=5000), C=[0.003, 0.01, 0.03, 0.1, 0.3, 1])


def additive():
    """Make a model linear in smooth functions of one feature each."""
    splines = SplineTransformer(n_knots=4, degree=2, extrapolation="linear")
    regression = LogisticRegression(max_iter=5000)
    return tuned(splines, StandardScaler(), regression, C=[0.003, 0.01, 0.03, 0.1])


def support_vectors():
    return tuned(SVC(), C=[0.5, 1, 2, 5, 10, 20])


def trees():
    return make_pipeline(
        SimpleImputer(), ExtraTreesClassifier(400, min_samples_leaf=2, random_state=0)
    )


def boosting():
    return HistGradientBoostingClassifier(
        learning_rate=0.05, max_iter=150, min_samples_leaf=8, random_state=0
    )


def vote():
    calibrated = CalibratedClassifierCV(support_vectors(), ensemble=False)
    members = [("additive", additive()), ("vectors", calibrated), ("trees", trees())]
    return VotingClassifier(members, voting="soft")


def tabular_network():
    return make_pipeline(SimpleImputer(), skecg.ECGTabularDNNClassifier(epochs=100, random_state=0))


def scaled_tabular_network():
    return make_pipeline(StandardScaler(), tabular_network())


def multilead_cnn(strides=50):
    return skecg.ECGMultiLeadCNNClassifier(
        strides=strides,
        epochs=40,
        early_stopping=True,
        validation_fraction=0.15,
        n_iter_no_change=10,
        random_state=0,
    )


def wide_deep(random_state=0, **parameters):
    network = skecg.ECGWideDeepClassifier(epochs=60, random_state=random_state, **parameters)
    return make_pipeline(SimpleImputer(keep_empty_features=True), network)


def wide_deep_on_beats(**parameters):
    return wide_deep(filters=(16, 32), kernel_size=5, pool_size=2, **parameters)


def networks_on_vectors():
    """Let five networks vote that differ in their seeds."""
    seeds = range(5)
    members = [
        (f"seed {i}", wide_deep_on_beats(n_wide=N_WITH_VECTORS, random_state=i)) for i in seeds
    ]
    return VotingClassifier(members, voting="soft")


def vote_with_network():
    """Let the table's support vectors and the network on everything vote."""
    table = FunctionTransformer(last_columns, kw_args={"n": N_FEATURES})
    vectors = make_pipeline(table, CalibratedClassifierCV(support_vectors(), ensemble=False))
    members = [("vectors", vectors), ("network", wide_deep_on_beats())]
    return VotingClassifier(members, voting="soft")


def last_columns(X, n):
    return X[:, -n:]


MODELS = {
    "logistic regression": linear,
    "logistic regression, splines": additive,
    "support vector machine": support_vectors,
    "extra trees": trees,
    "gradient boosting": boosting,
    "soft vote of splines, SVM, trees": vote,
    "tabular network": tabular_network,
    "tabular network, standardised": scaled_tabular_network,
    "multi-lead CNN": multilead_cnn,
    "multi-lead CNN, stride 10": partial(multilead_cnn, strides=10),
    "wide and deep network": wide_deep,
    "wide and deep network on beats": wide_deep_on_beats,
    "soft vote of network and SVM": vote_with_network,
    "five networks on vectors": networks_on_vectors,
}
ON_WAVEFORMS = [
    "multi-lead CNN",
    "multi-lead CNN, stride 10",
    "wide and deep network",
    "wide and deep network on beats",
    "soft vote of network and SVM",
    "five networks on vectors",
]
ON_TABLES = [name for name in MODELS if name not in ON_WAVEFORMS]


def in_unit_interval(records):
    """Give the reference's input: four leads, each scaled in each recording."""
    prepare = make_pipeline(LeadSelector(leads=["aVL", "V1", "V5", "V6"]), LeadScaler())
    return np.stack([record.signal for record in prepare.fit_transform(records)])


def feature_sets(ludb):
    """Give, by name, what computes the features, recordings, y and the models to try on them."""
    records, y = ludb.records, ludb.target
    with warnings.catch_warnings(action="ignore"):
        sound = validate_records(records, y)
    people = Demographics(age="years")
    ntp = make_union(AnnotationFeatures(missing="nan"), Demographics())
    voltages = make_union(VoltageFeatures(missing="nan"), people)
    measured_parts = VoltageFeatures(missing="nan"), IntervalFeatures(missing="nan")
    measured = make_union(*measured_parts, people)
    in_space = make_union(*measured_parts, VectorFeatures(missing="nan"), people)
    prepare = [BandpassFilter(low=0.5, high=40), Resampler(target_fs=100)]
    both = make_union(make_pipeline(*prepare, WaveformFeatures()), measured)
    beats = make_pipeline(*prepare, MedianBeat(), WaveformFeatures())
    with_beats, in_space_with_beats = make_union(beats, measured), make_union(beats, in_space)
    tables = [name for name in ON_TABLES if name != "tabular network"]
    return {
        "age, sex": (people.fit_transform, records, y, ["logistic regression"]),
        "signal_ntp, age decade, sex": (
            ntp.fit_transform,
            *sound,
            ["logistic regression", "tabular network", "tabular network, standardised"],
        ),
        "voltages, age, sex": (voltages.fit_transform, records, y, tables),
        "voltages, intervals, age, sex": (measured.fit_transform, records, y, tables),
        "voltages, intervals, vectors, age, sex": (in_space.fit_transform, records, y, tables),
        "aVL, V1, V5, V6 in [0, 1]": (
            in_unit_interval,
            records,
            y,
            ["multi-lead CNN", "multi-lead CNN, stride 10"],
        ),
        "the same and 12 leads": (both.fit_transform, records, y, ["wide and deep network"]),
        "the same and median beats": (
            with_beats.fit_transform,
            records,
            y,
            ["wide and deep network on beats", "soft vote of network and SVM"],
        ),
        "vectors, the same and median beats": (
            in_space_with_beats.fit_transform,
            records,
            y,
            ["five networks on vectors"],
        ),
    }


def folds(protocol, seed, n_repeats):
    if protocol == "reference":
        return KFold(N_FOLDS, shuffle=True, random_state=123), 1
    return RepeatedStratifiedKFold(
        n_splits=N_FOLDS, n_repeats=n_repeats, random_state=seed
    ), n_repeats


def report(features, model, scores, n_repeats, options):
    """Print accuracy and average precision over all folds, with their spread."""
    fold = {name: scores[f"test_{name}"] for name in ("accuracy", "average_precision")}
    figures = []
    for values in fold.values():
        of_repeats = values.reshape(n_repeats, -1).mean(axis=1)
        spread = f"+- {of_repeats.std(ddof=1):.3f}" if n_repeats > 1 else 8 * " "
        figures.append(f"{values.mean():.3f} {spread} [{values.min():.2f} {values.max():.2f}]")
    seconds = scores["fit_time"].sum()
    print(f"{features:38s} {model:34s} {figures[0]}  {figures[1]}  {seconds:5.0f} s", flush=True)
    if options.output:
        row = {**vars(options), "models": model, "features": features, "seconds": seconds}
        with open(options.output, "a") as file:
            file.write(json.dumps({**row, **{k: v.tolist() for k, v in fold.items()}}) + "\n")


def train_across_folds(ludb, cv, options):
    """Train one network on from fold to fold, and print what it then seems to reach."""
    X, y = in_unit_interval(ludb.records), ludb.target
    of_seeds = []
    for seed in range(options.network_seeds):
        model = skecg.ECGMultiLeadCNNClassifier(
            strides=options.strides,
            epochs=options.across_folds,
            optimizer__learning_rate=options.learning_rate,
            warm_start=not options.afresh,
            random_state=seed,
        )
        accuracies = []
        for i, (train, test) in enumerate(cv.split(X, y), start=1):
            accuracies.append(model.fit(X[train], y[train]).score(X[test], y[test]))
            print(
                f"seed {seed}, fold {i}: accuracy {accuracies[-1]:.3f}, of what was trained on "
                f"{model.score(X[train], y[train]):.3f}, after {model.n_iter_} epochs",
                flush=True,
            )
        of_seeds.append(accuracies)
    for i, values in enumerate(np.transpose(of_seeds), start=1):
        print(
            f"fold {i}: {values.mean():.3f} [{values.min():.3f} {values.max():.3f}] over "
            f"{len(values)} networks"
        )


def print_criteria(ludb):
    """Print how the clinical criteria do, which need no training."""
    met = [voltage_criteria(record) for record in ludb.records]
    for name in met[0]:
        y_pred = np.array([criteria[name].met is True for criteria in met])
        sensitivity, others = (y_pred[ludb.target == k].mean() for k in (1, 0))
        accuracy = accuracy_score(ludb.target, y_pred)
        print(
            f"{'criterion ' + name:30s} sensitivity {sensitivity:.3f}  specificity "
            f"{1 - others:.3f}  accuracy {accuracy:.3f}"
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_home", help="folder of the LUDB")
    parser.add_argument("--protocol", choices=["repeated", "reference"], default="repeated")
    parser.add_argument("--models", nargs="*", choices=list(MODELS), default=ON_TABLES)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0, help="of the folds")
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--verbose", type=int, default=0, help="3 prints every fold")
    parser.add_argument("--output", help="JSON lines are appended to this file, one a row")
    across = parser.add_argument_group("one network trained on across the folds")
    across.add_argument("--across-folds", type=int, metavar="EPOCHS", help="in each fold")
    across.add_argument("--strides", type=int, default=10)
    across.add_argument("--learning-rate", type=float, default=1e-4)
    across.add_argument("--afresh", action="store_true", help="for comparison, a new one each fold")
    across.add_argument("--network-seeds", type=int, default=1, help="networks, one a seed")
    options = parser.parse_args()

    start = time.perf_counter()
    ludb = load_ludb(options.data_home)
    print(f"{len(ludb.records)} recordings read in {time.perf_counter() - start:.1f} s")
    cv, n_repeats = folds(options.protocol, options.seed, options.repeats)
    if options.across_folds:
        train_across_folds(ludb, cv, options)
        return
    print_criteria(ludb)
    print(f"{'features':38s} {'model':34s} {'accuracy':30s}  average precision")
    for name, (compute, records, y, models) in feature_sets(ludb).items():
        wanted = [model for model in models if model in options.models]
        X = compute(records) if wanted else None
        for model in wanted:
            scores = cross_validate(
                MODELS[model](),
                X,
                y,
                cv=cv,
                scoring=["accuracy", "average_precision"],
                n_jobs=options.n_jobs,
                error_score="raise",
                verbose=options.verbose,
            )
            report(name, model, scores, n_repeats, options)


if __name__ == "__main__":
    main()
