"""Networks as classifiers."""

from typing import TYPE_CHECKING

from skecg._lazy import attach

if TYPE_CHECKING:
    from skecg.classifiers._adabound import AdaBound as AdaBound
    from skecg.classifiers._base import BaseECGClassifier as BaseECGClassifier
    from skecg.classifiers._beat_sequences import BeatSequenceClassifier as BeatSequenceClassifier
    from skecg.classifiers._onnx import to_onnx as to_onnx
    from skecg.classifiers._sequence_base import BaseSequenceClassifier as BaseSequenceClassifier
    from skecg.classifiers._transfer import ECGEmbedding as ECGEmbedding
    from skecg.classifiers._transfer import transfer as transfer
    from skecg.classifiers.batchnorm_cnn import (
        ECGBatchNormCNNClassifier as ECGBatchNormCNNClassifier,
    )
    from skecg.classifiers.cnn_lstm import ECGCNNLSTMClassifier as ECGCNNLSTMClassifier
    from skecg.classifiers.convnet import ECGConvNetClassifier as ECGConvNetClassifier
    from skecg.classifiers.inception_time import (
        ECGInceptionTimeClassifier as ECGInceptionTimeClassifier,
    )
    from skecg.classifiers.inversion_cnn import (
        ECGInversionCNNClassifier as ECGInversionCNNClassifier,
    )
    from skecg.classifiers.multilead_cnn import (
        ECGMultiLeadCNNClassifier as ECGMultiLeadCNNClassifier,
    )
    from skecg.classifiers.resnet import ECGResNetClassifier as ECGResNetClassifier
    from skecg.classifiers.resnext import ECGResNeXtClassifier as ECGResNeXtClassifier
    from skecg.classifiers.seq2seq import ECGSeq2SeqClassifier as ECGSeq2SeqClassifier
    from skecg.classifiers.tabular_dnn import ECGTabularDNNClassifier as ECGTabularDNNClassifier
    from skecg.classifiers.wide_deep import ECGWideDeepClassifier as ECGWideDeepClassifier

_PUBLIC = {
    "AdaBound": "._adabound",
    "BaseECGClassifier": "._base",
    "BaseSequenceClassifier": "._sequence_base",
    "BeatSequenceClassifier": "._beat_sequences",
    "ECGBatchNormCNNClassifier": ".batchnorm_cnn",
    "ECGCNNLSTMClassifier": ".cnn_lstm",
    "ECGConvNetClassifier": ".convnet",
    "ECGEmbedding": "._transfer",
    "ECGInceptionTimeClassifier": ".inception_time",
    "ECGInversionCNNClassifier": ".inversion_cnn",
    "ECGMultiLeadCNNClassifier": ".multilead_cnn",
    "ECGResNeXtClassifier": ".resnext",
    "ECGResNetClassifier": ".resnet",
    "ECGSeq2SeqClassifier": ".seq2seq",
    "ECGTabularDNNClassifier": ".tabular_dnn",
    "ECGWideDeepClassifier": ".wide_deep",
    "to_onnx": "._onnx",
    "transfer": "._transfer",
}
__all__ = sorted(_PUBLIC)
__getattr__, __dir__ = attach(__name__, _PUBLIC)
