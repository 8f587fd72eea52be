"""Electrocardiogram classification with the scikit-learn interface."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

__version__ = "0.1.0"

if TYPE_CHECKING:
    from skecg.classifiers import BeatSequenceClassifier as BeatSequenceClassifier
    from skecg.classifiers import ECGBatchNormCNNClassifier as ECGBatchNormCNNClassifier
    from skecg.classifiers import ECGCNNLSTMClassifier as ECGCNNLSTMClassifier
    from skecg.classifiers import ECGConvNetClassifier as ECGConvNetClassifier
    from skecg.classifiers import ECGEmbedding as ECGEmbedding
    from skecg.classifiers import ECGInceptionTimeClassifier as ECGInceptionTimeClassifier
    from skecg.classifiers import ECGInversionCNNClassifier as ECGInversionCNNClassifier
    from skecg.classifiers import ECGMultiLeadCNNClassifier as ECGMultiLeadCNNClassifier
    from skecg.classifiers import ECGResNetClassifier as ECGResNetClassifier
    from skecg.classifiers import ECGResNeXtClassifier as ECGResNeXtClassifier
    from skecg.classifiers import ECGSeq2SeqClassifier as ECGSeq2SeqClassifier
    from skecg.classifiers import ECGTabularDNNClassifier as ECGTabularDNNClassifier
    from skecg.classifiers import ECGWideDeepClassifier as ECGWideDeepClassifier
    from skecg.classifiers import to_onnx as to_onnx
    from skecg.classifiers import transfer as transfer
    from skecg.early_stopping import EarlyStoppingClassifier as EarlyStoppingClassifier
    from skecg.ensemble import FoldEnsembleClassifier as FoldEnsembleClassifier
    from skecg.persistence import load as load
    from skecg.persistence import save as save
    from skecg.pretrained import load_pretrained as load_pretrained
    from skecg.record_classifier import RecordClassifier as RecordClassifier
    from skecg.recordings import ECGRecord as ECGRecord
    from skecg.recordings import read_record as read_record

_PUBLIC = {
    "BeatSequenceClassifier": ".classifiers",
    "ECGBatchNormCNNClassifier": ".classifiers",
    "ECGCNNLSTMClassifier": ".classifiers",
    "ECGConvNetClassifier": ".classifiers",
    "ECGEmbedding": ".classifiers",
    "ECGInceptionTimeClassifier": ".classifiers",
    "ECGInversionCNNClassifier": ".classifiers",
    "ECGMultiLeadCNNClassifier": ".classifiers",
    "ECGRecord": ".recordings",
    "ECGResNeXtClassifier": ".classifiers",
    "ECGResNetClassifier": ".classifiers",
    "ECGSeq2SeqClassifier": ".classifiers",
    "ECGTabularDNNClassifier": ".classifiers",
    "ECGWideDeepClassifier": ".classifiers",
    "FoldEnsembleClassifier": ".ensemble",
    "EarlyStoppingClassifier": ".early_stopping",
    "RecordClassifier": ".record_classifier",
    "augmentation": ".augmentation",
    "classifiers": ".classifiers",
    "datasets": ".datasets",
    "early_stopping": ".early_stopping",
    "ensemble": ".ensemble",
    "feature_extraction": ".feature_extraction",
    "inspection": ".inspection",
    "load": ".persistence",
    "load_pretrained": ".pretrained",
    "metrics": ".metrics",
    "model_selection": ".model_selection",
    "persistence": ".persistence",
    "preprocessing": ".preprocessing",
    "pretrained": ".pretrained",
    "read_record": ".recordings",
    "record_classifier": ".record_classifier",
    "recordings": ".recordings",
    "sampling": ".sampling",
    "save": ".persistence",
    "to_onnx": ".classifiers",
    "transfer": ".classifiers",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
