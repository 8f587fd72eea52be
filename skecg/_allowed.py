"""The classes and functions that files of skecg may name."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Mapping
from typing import Any

# What is public in these is allowed.
_OWN = (
    "skecg.augmentation",
    "skecg.classifiers",
    "skecg.early_stopping",
    "skecg.ensemble",
    "skecg.feature_extraction",
    "skecg.model_selection",
    "skecg.preprocessing",
    "skecg.record_classifier",
    "skecg.sampling",
)

# None of these hands numbers from a file to compiled code that believes them: so no support
# vector machines, nearest neighbours or histogram gradient boosting. Trees are checked.
_OTHERS: Mapping[str, tuple[str, ...]] = {
    "skecg.sampling": ("_BalanceTo",),
    "imblearn": ("FunctionSampler",),
    "imblearn.combine": ("SMOTEENN", "SMOTETomek"),
    "imblearn.over_sampling": ("ADASYN", "BorderlineSMOTE", "RandomOverSampler", "SMOTE"),
    "imblearn.pipeline": ("Pipeline",),
    "imblearn.under_sampling": (
        "EditedNearestNeighbours",
        "NearMiss",
        "RandomUnderSampler",
        "TomekLinks",
    ),
    "sklearn.calibration": (
        "CalibratedClassifierCV",
        "_CalibratedClassifier",
        "_SigmoidCalibration",
        "_TemperatureScaling",
    ),
    "sklearn.compose": ("ColumnTransformer",),
    "sklearn.decomposition": ("PCA", "TruncatedSVD"),
    "sklearn.discriminant_analysis": (
        "LinearDiscriminantAnalysis",
        "QuadraticDiscriminantAnalysis",
    ),
    "sklearn.dummy": ("DummyClassifier",),
    "sklearn.ensemble": (
        "ExtraTreesClassifier",
        "RandomForestClassifier",
        "StackingClassifier",
        "VotingClassifier",
    ),
    "sklearn.feature_selection": ("SelectKBest", "VarianceThreshold"),
    "sklearn.frozen": ("FrozenEstimator",),
    "sklearn.impute": ("MissingIndicator", "SimpleImputer"),
    "sklearn.isotonic": ("IsotonicRegression",),
    "sklearn.linear_model": ("LogisticRegression", "RidgeClassifier"),
    "sklearn.model_selection": (
        "GroupKFold",
        "GroupShuffleSplit",
        "KFold",
        "LeaveOneGroupOut",
        "LeavePGroupsOut",
        "PredefinedSplit",
        "RepeatedKFold",
        "RepeatedStratifiedKFold",
        "ShuffleSplit",
        "StratifiedGroupKFold",
        "StratifiedKFold",
        "StratifiedShuffleSplit",
    ),
    "sklearn.naive_bayes": ("GaussianNB",),
    "sklearn.neighbors": ("NearestNeighbors",),  # its parameters only, for samplers
    "sklearn.pipeline": ("FeatureUnion", "Pipeline"),
    "sklearn.preprocessing": (
        "FunctionTransformer",
        "LabelBinarizer",
        "LabelEncoder",
        "MaxAbsScaler",
        "MinMaxScaler",
        "Normalizer",
        "OneHotEncoder",
        "OrdinalEncoder",
        "PolynomialFeatures",
        "PowerTransformer",
        "QuantileTransformer",
        "RobustScaler",
        "StandardScaler",
    ),
    "sklearn.svm": ("LinearSVC",),
    "sklearn.tree": ("DecisionTreeClassifier", "ExtraTreeClassifier"),
}
_FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "numpy": (
        *("abs", "arctan", "cbrt", "exp", "expm1", "log", "log10", "log1p", "log2"),
        *("nan_to_num", "negative", "sign", "sqrt", "square", "tanh"),
    ),
    "sklearn.feature_selection": ("chi2", "f_classif", "mutual_info_classif"),
    "skecg.feature_extraction": ("delineate", "validate_records", "voltage_criteria"),
    "skecg.preprocessing": ("flatten_sequences",),
}


def name_of(thing: Any) -> str | None:
    """Give the name of an allowed class or function, or None.

    Parameters
    ----------
    thing : class or function
        Any.

    Returns
    -------
    str or None
        Module and name.
    """
    name = getattr(thing, "__name__", "")
    module = ".".join(str(getattr(thing, "__module__", "")).split(".")[:2])
    if inspect.isclass(thing) and module in _OWN and name in sys.modules[module].__all__:
        return f"{module}.{name}"
    table = _OTHERS if inspect.isclass(thing) else _FUNCTIONS
    for module, names in table.items():
        if name in names and getattr(sys.modules.get(module), name, None) is thing:
            return f"{module}.{name}"
    return "numpy.abs" if name == "absolute" and thing is sys.modules["numpy"].abs else None


def named(name: Any, *, function: bool = False) -> Any:
    """Give the class or function of a name that a file has, if it is allowed.

    Parameters
    ----------
    name : object
        Module and name.
    function : bool, default=False
        Whether a function is wanted.

    Returns
    -------
    class or function

    Raises
    ------
    ValueError
        If it is not allowed, or not there.
    """
    module, _, short = str(name).rpartition(".")
    if short in (_FUNCTIONS if function else _OTHERS).get(module, ()):
        thing = getattr(importlib.import_module(module), short, None)
    elif not function and module in _OWN and short in importlib.import_module(module).__all__:
        thing = getattr(sys.modules[module], short)
    else:
        thing = None
    if thing is None or inspect.isclass(thing) == function:
        raise ValueError(f"it names {name!r}, which is not among what files may name")
    return thing
