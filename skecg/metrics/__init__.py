"""Scores of heartbeat classifiers as ANSI/AAMI EC57 asks for them."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

if TYPE_CHECKING:
    from skecg.metrics._bootstrap import patient_bootstrap as patient_bootstrap
    from skecg.metrics._confusion import aami_confusion_matrix as aami_confusion_matrix
    from skecg.metrics._confusion import to_aami_classes as to_aami_classes
    from skecg.metrics._context import context_scorer as context_scorer
    from skecg.metrics._report import aami_report as aami_report
    from skecg.metrics._report import aami_report_by_record as aami_report_by_record
    from skecg.metrics._scores import aami_score as aami_score
    from skecg.metrics._scores import aami_scorer as aami_scorer
    from skecg.metrics._scores import j_index_score as j_index_score
    from skecg.metrics._scores import j_index_scorer as j_index_scorer
    from skecg.metrics._scores import j_kappa_score as j_kappa_score
    from skecg.metrics._scores import j_kappa_scorer as j_kappa_scorer

_PUBLIC = {
    "aami_confusion_matrix": "._confusion",
    "aami_report": "._report",
    "aami_report_by_record": "._report",
    "aami_score": "._scores",
    "aami_scorer": "._scores",
    "context_scorer": "._context",
    "j_index_score": "._scores",
    "j_index_scorer": "._scores",
    "j_kappa_score": "._scores",
    "j_kappa_scorer": "._scores",
    "patient_bootstrap": "._bootstrap",
    "to_aami_classes": "._confusion",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
