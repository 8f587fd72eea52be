"""One small, good file of every format that `read_record` knows."""

import datetime
import io

import edfio
import numpy as np
import wfdb

FS = 250
N_TIMESTEPS = 1000
T = np.arange(N_TIMESTEPS) / FS
BEATS = 1.2 * np.exp(-((((T + 0.3) % 0.8) - 0.4) ** 2) / 8e-4) - 0.1

APPLE = (
    'Name,Jane Doe\nDate of Birth,"Jan 8, 2002"\nRecorded Date,2026-05-30 16:32:18 -0700\n'
    'Classification,Sinus Rhythm\nSymptoms,\nSoftware Version,1.90\nDevice,"Watch7,12"\n'
    "Sample Rate,512 hertz\n\n\nLead,Lead I\nUnit,µV\n\n"
)


def rows(line, n=N_TIMESTEPS):
    """Return n lines."""
    return "".join(f"{line(i)}\n" for i in range(n))


def edf(kind="edf", **more):
    """Return an EDF+ or BDF+ file of two leads, an EEG and a temperature, with a note."""
    signal, file = {
        "edf": (edfio.EdfSignal, edfio.Edf),
        "bdf": (edfio.BdfSignal, edfio.Bdf),
    }[kind]
    signals = [
        signal(1e3 * BEATS, FS, label="ECG II", physical_dimension="uV"),
        signal(BEATS / 2, FS, label="avl", physical_dimension="mV"),
        signal(50 * BEATS[::2], FS / 2, label="EEG Fp1", physical_dimension="uV"),
        signal(36 + BEATS, FS, label="Temp", physical_dimension="degC"),
    ]
    more.setdefault("annotations", [edfio.EdfAnnotation(1.5, None, "felt dizzy")])
    buffer = io.BytesIO()
    file(signals, data_record_duration=1, **more).write(buffer)
    return buffer.getvalue()


def person():
    """Return what EDF+ says about a person."""
    return {
        "patient": edfio.Patient(code="P1", sex="F", birthdate=datetime.date(1980, 5, 6)),
        "recording": edfio.Recording(startdate=datetime.date(2026, 5, 5)),
    }


def npy(array):
    """Return a .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def npz(**arrays):
    """Return an .npz file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def wfdb_record(folder, fmt="16", name="rec", suffix=".dat"):
    """Write a WFDB record; return its path without suffix."""
    wfdb.wrsamp(
        name,
        fs=FS,
        units=["mV", "mV"],
        sig_name=["ii", "MLII"],
        p_signal=np.column_stack([BEATS, BEATS / 2]),
        fmt=[fmt, fmt],
        adc_gain=[1000.0, 1000.0],
        baseline=[0, 0],
        write_dir=str(folder),
    )
    return folder / name


def all_but_wfdb():
    """Return good files by name: content, and the arguments they need."""
    return {
        "text": (("time,II\n" + rows(lambda i: f"{T[i]},{BEATS[i]:.4f}")).encode(), {}),
        "decimal commas": (
            rows(lambda i: f"{T[i]:.3f};{BEATS[i]:.4f}".replace(".", ",")).encode(),
            {},
        ),
        "apple": ((APPLE + rows(lambda i: f"{1e3 * BEATS[i]:.3f}")).encode(), {}),
        "edf": (edf(), {}),
        "bdf": (edf("bdf"), {}),
        "npy": (npy(BEATS), {"fs": FS}),
        "npz": (npz(signal=BEATS, fs=FS), {}),
    }
