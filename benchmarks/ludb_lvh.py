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
"""

import argparse
import time
import warnings

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
from sklearn.preprocessing import SplineTransformer, StandardScaler
from sklearn.svm import SVC

from skecg.datasets import load_ludb
from skecg.feature_extraction import (
    AnnotationFeatures,
    Demographics,
    IntervalFeatures,
    VoltageFeatures,
    validate_records,
    voltage_criteria,
)

N_FOLDS = 7


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


MODELS = {
    "logistic regression": linear,
    "logistic regression, splines": additive,
    "support vector machine": support_vectors,
    "extra trees": trees,
    "gradient boosting": boosting,
    "soft vote of splines, SVM, trees": vote,
}


def feature_sets(ludb):
    """Yield the features' name, X, y and the models to try on them."""
    people = Demographics(age="years")
    with warnings.catch_warnings(action="ignore"):
        sound, y_sound = validate_records(ludb.records, ludb.target)
    ntp = make_union(AnnotationFeatures(missing="nan"), Demographics())
    voltages = make_union(VoltageFeatures(missing="nan"), people)
    everything = make_union(VoltageFeatures(missing="nan"), IntervalFeatures(missing="nan"), people)
    regression, all_models = ["logistic regression"], list(MODELS)
    for name, union, records, y, models in (
        ("age, sex", people, ludb.records, ludb.target, regression),
        ("signal_ntp, age decade, sex", ntp, sound, y_sound, regression),
        ("voltages, age, sex", voltages, ludb.records, ludb.target, all_models),
        ("voltages, intervals, age, sex", everything, ludb.records, ludb.target, all_models),
    ):
        start = time.perf_counter()
        X = union.fit_transform(records)
        seconds = time.perf_counter() - start
        print(f"{name}: {X.shape[1]} features of {X.shape[0]} people in {seconds:.1f} s")
        yield name, X, y, models


def folds(protocol, seed, n_repeats):
    if protocol == "reference":
        return KFold(N_FOLDS, shuffle=True, random_state=123), 1
    return RepeatedStratifiedKFold(
        n_splits=N_FOLDS, n_repeats=n_repeats, random_state=seed
    ), n_repeats


def print_row(features, model, scores, n_repeats, seconds):
    """Print accuracy and average precision over all folds, with their spread."""
    figures = []
    for name in ("accuracy", "average_precision"):
        fold = scores[f"test_{name}"]
        of_repeats = fold.reshape(n_repeats, -1).mean(axis=1)
        spread = f"+- {of_repeats.std(ddof=1):.3f}" if n_repeats > 1 else 8 * " "
        figures.append(f"{fold.mean():.3f} {spread} [{fold.min():.2f} {fold.max():.2f}]")
    print(f"{features:30s} {model:34s} {figures[0]}  {figures[1]}  {seconds:5.0f} s", flush=True)


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
    parser.add_argument("--models", nargs="*", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0, help="of the folds")
    parser.add_argument("--n-jobs", type=int, default=2)
    options = parser.parse_args()

    start = time.perf_counter()
    ludb = load_ludb(options.data_home)
    print(f"{len(ludb.records)} recordings read in {time.perf_counter() - start:.1f} s")
    print_criteria(ludb)
    cv, n_repeats = folds(options.protocol, options.seed, options.repeats)
    print(f"{'features':30s} {'model':34s} {'accuracy':30s}  average precision")
    for name, X, y, models in feature_sets(ludb):
        for model in models:
            if model not in options.models:
                continue
            start = time.perf_counter()
            scores = cross_validate(
                MODELS[model](),
                X,
                y,
                cv=cv,
                scoring=["accuracy", "average_precision"],
                n_jobs=options.n_jobs,
                error_score="raise",
            )
            print_row(name, model, scores, n_repeats, time.perf_counter() - start)


if __name__ == "__main__":
    main()
