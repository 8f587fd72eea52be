"""What every step that takes arrays of signals needs."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from scipy.signal import resample_poly


def check_signal_shape(X: np.ndarray) -> None:
    """Refuse arrays that are no signals, or whose axes are the wrong way round."""
    if X.ndim not in (2, 3):
        raise ValueError(
            "X must be (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads), got shape "
            f"{X.shape}."
        )
    if X.ndim == 3 and X.shape[2] > X.shape[1]:
        raise ValueError(
            f"X has more leads ({X.shape[2]}) than time steps ({X.shape[1]}): it looks "
            "transposed, pass X.transpose(0, 2, 1)."
        )


def resample(signal: np.ndarray, fs: float, target_fs: float) -> np.ndarray:
    """Give signals at another sampling rate, without aliasing.

    Parameters
    ----------
    signal : ndarray of shape (..., n_timesteps, n_leads)
        Of a floating type, which is kept.
    fs, target_fs : float
        Sampling rates in Hz.

    Returns
    -------
    ndarray of shape (..., ceil(n_timesteps * target_fs / fs), n_leads)
        The first sample is at the same time as before.
    """
    if target_fs == fs:
        return signal
    rate = _rate(fs, target_fs)
    # The filter sees neither the offset, of which it would leave a ripple, nor a step at the ends.
    offset = signal[..., :1, :]
    resampled = resample_poly(
        signal - offset, rate.numerator, rate.denominator, axis=-2, padtype="edge"
    )
    return resampled + offset


def resampled_length(n_timesteps: int, fs: float, target_fs: float) -> int:
    """Tell how many time steps `resample` makes of so many."""
    return math.ceil(n_timesteps * _rate(fs, target_fs))


def _rate(fs: float, target_fs: float) -> Fraction:
    rate = Fraction(target_fs / fs).limit_denominator(10_000)
    if not rate:
        raise ValueError(
            f"target_fs must be at least a ten-thousandth of the {fs:g} Hz of the signal, got "
            f"{target_fs:g}."
        )
    return rate
