"""Hearts that beat by formula: each wave of the ECG is a Gaussian on the cardiac cycle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from skecg._aami import AAMI_CLASSES

N, S, V, F, Q = range(len(AAMI_CLASSES))

P_WAVE, Q_WAVE, R_WAVE, S_WAVE, T_WAVE = range(5)
CONDUCTED: Final = slice(0, 5)
ECTOPIC: Final = slice(5, 8)
PACED: Final = slice(8, 11)
N_WAVES: Final = 11

# Per wave: time after the beat's mark at an RR interval of 1 s (s), standard deviation (s)
# and dipole (mV; left, foot, back). Paced beats are marked at the spike, as MIT-BIH's are.
_WAVES: Final = np.array(
    [
        (-0.165, 0.022, 0.06, 0.11, 0.00),  # P
        (-0.026, 0.008, -0.10, -0.06, -0.15),  # Q: the septum
        (0.000, 0.011, 0.95, 0.95, 0.35),  # R
        (0.027, 0.010, -0.15, -0.20, 0.45),  # S: the base
        (0.280, 0.045, 0.28, 0.24, -0.12),  # T
        (0.000, 0.030, 0.60, 1.20, 0.60),  # ectopic QRS
        (0.070, 0.024, -0.25, -0.50, -0.20),  # its second half
        (0.260, 0.060, -0.25, -0.55, -0.25),  # discordant T
        (-0.004, 0.004, 0.50, 1.00, 0.30),  # pacing spike
        (0.085, 0.030, 0.60, -1.30, 0.70),  # paced QRS: from the apex upwards
        (0.330, 0.058, -0.20, 0.55, -0.25),  # discordant T
    ]
)

# Dower, Machado and Osborne 1980: a dipole (left, foot, back) seen from each electrode.
LEAD_VECTORS: Final = {
    "I": (0.632, -0.235, 0.059),
    "II": (0.235, 1.066, -0.132),
    "III": (-0.397, 1.301, -0.191),
    "aVR": (-0.4335, -0.4155, 0.0365),
    "aVL": (0.5145, -0.768, 0.125),
    "aVF": (-0.081, 1.1835, -0.1615),
    "V1": (-0.515, 0.157, -0.917),
    "V2": (0.044, 0.164, -1.387),
    "V3": (0.882, 0.098, -1.277),
    "V4": (1.213, 0.127, -0.601),
    "V5": (1.125, 0.127, -0.086),
    "V6": (0.831, 0.076, 0.230),
}


@dataclass(frozen=True)
class Hearts:
    """What stays the same from beat to beat, for each of ``n_patients`` patients."""

    rr: np.ndarray
    """Mean RR interval in s, shape (n_patients,)."""
    rr_spread: np.ndarray
    """Standard deviation of the RR interval over its mean, shape (n_patients,)."""
    noise: np.ndarray
    """Noise level relative to the average patient's, shape (n_patients,)."""
    time: np.ndarray
    """Time of each wave after the beat's mark in s, shape (n_patients, N_WAVES)."""
    width: np.ndarray
    """Standard deviation of each wave in s, shape (n_patients, N_WAVES)."""
    dipole: np.ndarray
    """Amplitude of each wave in mV, shape (n_patients, N_WAVES, 3)."""


def draw_hearts(n_patients: int, rng: np.random.Generator) -> Hearts:
    """Draw the traits of ``n_patients`` patients."""
    time = _WAVES[:, 0] * rng.normal(1, 0.06, (n_patients, N_WAVES))
    width = _WAVES[:, 1] * rng.lognormal(0, 0.12, (n_patients, N_WAVES))
    size = np.linalg.norm(_WAVES[:, 2:], axis=1)[:, np.newaxis]
    dipole = _WAVES[:, 2:] * rng.lognormal(0, 0.2, (n_patients, N_WAVES, 1))
    dipole = dipole + 0.12 * size * rng.standard_normal((n_patients, N_WAVES, 3))

    conduction = rng.choice(3, n_patients, p=[0.82, 0.08, 0.10])
    left_block, right_block = conduction == 1, conduction == 2
    # Left bundle branch block: no septal q, a broad notched R, discordant T.
    dipole[left_block, Q_WAVE] = 0
    dipole[left_block, S_WAVE] = 0.6 * dipole[left_block, R_WAVE]
    dipole[left_block, T_WAVE] *= -0.8
    width[left_block, R_WAVE] *= 1.8
    width[left_block, S_WAVE] *= 2.0
    time[left_block, S_WAVE] += 0.025
    # Right bundle branch block: late forces to the right and to the front.
    dipole[right_block, S_WAVE] = np.array([-0.5, -0.25, -0.5])
    width[right_block, S_WAVE] *= 2.0
    time[right_block, S_WAVE] += 0.025

    # Flat or inverted T waves are common: ischaemia, strain, digitalis.
    dipole[:, T_WAVE] *= rng.choice([1.0, 0.3, -0.6], (n_patients, 1), p=[0.8, 0.1, 0.1])
    # Atrial fibrillation: no P waves, irregular.
    fibrillation = rng.random(n_patients) < 0.08
    dipole[fibrillation, P_WAVE] = 0

    # Ectopic foci and pacing sites differ: a part of them leads away from the foot.
    dipole[:, ECTOPIC, 1] *= rng.choice([1.0, -0.8], (n_patients, 1), p=[0.6, 0.4])
    dipole[:, PACED.start + 1 : PACED.stop, 1] *= rng.choice(
        [1.0, -0.7], (n_patients, 1), p=[0.75, 0.25]
    )
    return Hearts(
        rr=rng.uniform(0.6, 1.15, n_patients),
        rr_spread=np.where(fibrillation, 0.15, rng.uniform(0.015, 0.06, n_patients)),
        noise=rng.lognormal(0, 0.4, n_patients),
        time=time,
        width=width,
        dipole=dipole,
    )


def draw_beats(
    hearts: Hearts, patient: np.ndarray, kind: np.ndarray, rr: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw beats of the given patients and classes.

    Parameters
    ----------
    hearts : Hearts
        The patients' traits.
    patient, kind : ndarray of int, shape (n_beats,)
        Whose beat, of which class (position in ``AAMI_CLASSES``).
    rr : ndarray of shape (n_beats,)
        Heart's usual RR interval in s: repolarisation shortens with its square root.
    rng : numpy.random.Generator
        Where the beat-to-beat differences come from.

    Returns
    -------
    time, width, gain : ndarray of shape (n_beats, N_WAVES)
        Of each wave: s after the beat's mark, s, and the factor on the patient's dipole.
    """
    n = len(kind)
    time, width = hearts.time[patient], hearts.width[patient]
    gain = np.zeros((n, N_WAVES))

    # How much of the beat comes from where: fusion beats are a mixture.
    mixed = rng.uniform(0.35, 0.65, n)
    paced_fusion = (kind == Q) & (rng.random(n) < 0.08)
    conducted = np.select([kind <= S, (kind == F) | paced_fusion], [1.0, mixed], 0.0)
    gain[:, CONDUCTED] = conducted[:, np.newaxis]
    gain[:, ECTOPIC] = np.select([kind == V, kind == F], [1.0, 1 - mixed], 0.0)[:, np.newaxis]
    gain[:, PACED] = np.where(kind == Q, 1 - conducted, 0.0)[:, np.newaxis]
    gain[:, PACED.start] = kind == Q

    # Premature atrial beats: P hidden in the T wave before, or from a low focus (inverted,
    # close to the QRS); some find a bundle branch refractory and are conducted slowly.
    premature = kind == S
    low_focus = premature & (rng.random(n) < 0.5)
    gain[premature, P_WAVE] = 0
    gain[low_focus, P_WAVE] = -rng.uniform(0.4, 1.0, low_focus.sum())
    time[low_focus, P_WAVE] += 0.055
    slow = rng.uniform(1.0, 1.35, n)
    width[:, Q_WAVE : S_WAVE + 1] *= np.where(premature, slow, 1.0)[:, np.newaxis]
    gain[premature, T_WAVE] *= rng.uniform(0.6, 1.1, premature.sum())

    stretch = np.sqrt(rr)
    repolarisation = [T_WAVE, ECTOPIC.stop - 1, PACED.stop - 1]
    time[:, repolarisation] *= stretch[:, np.newaxis]
    width[:, repolarisation] *= stretch[:, np.newaxis]

    gain *= rng.normal(1, 0.07, gain.shape)
    time *= rng.normal(1, 0.02, time.shape)
    width *= rng.normal(1, 0.04, width.shape)
    return time, width, gain


def sum_of_gaussians(
    t: np.ndarray, time: np.ndarray, width: np.ndarray, amplitude: np.ndarray
) -> np.ndarray:
    """Add up Gaussian waves on a grid of times.

    Parameters
    ----------
    t : ndarray of shape (n_timesteps,)
        Times in s.
    time, width, amplitude : ndarray of shape (n_beats, n_waves)
        Centre (s), standard deviation (s) and height (mV) of each wave.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_timesteps)
        In mV.
    """
    n = len(time)
    scale = np.float32(np.sqrt(0.5)) / width.astype(np.float32)
    shift = time.astype(np.float32) * scale
    amplitude = amplitude.astype(np.float32)
    t = t.astype(np.float32)
    out = np.zeros((n, len(t)), np.float32)
    # Few beats at a time, so that the wave stays in the processor's cache. Beats of one
    # class that stand together are faster: waves that none of them has are left out.
    step = 256
    buffer = np.empty((step, len(t)), np.float32)
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        wave = buffer[: rows.stop - start]
        for k in np.flatnonzero(amplitude[rows].any(axis=0)):
            np.multiply(t, scale[rows, k, np.newaxis], out=wave)
            wave -= shift[rows, k, np.newaxis]
            np.square(wave, out=wave)
            np.negative(wave, out=wave)
            np.exp(wave, out=wave)
            wave *= amplitude[rows, k, np.newaxis]
            out[rows] += wave
    return out
