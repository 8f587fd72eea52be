import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skecg import ECGRecord
from skecg.datasets import exchange_electrodes, make_lead_inversions
from skecg.recordings import Annotations

LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
LIMBS = ["RA-LA", "RA-LL", "LA-LL"]
CHEST = ["V1-V2", "V2-V3", "V3-V4", "V4-V5", "V5-V6", "V1-V6"]


def leads_of(potentials):
    """The twelve leads, by their definitions, from electrode potentials."""
    ra, la, ll = (potentials[name] for name in ("RA", "LA", "LL"))
    wilson = (ra + la + ll) / 3
    return np.stack(
        [la - ra, ll - ra, ll - la, 1.5 * (ra - wilson), 1.5 * (la - wilson), 1.5 * (ll - wilson)]
        + [potentials[f"V{i}"] - wilson for i in range(1, 7)],
        axis=-1,
    )


@pytest.fixture
def potentials():
    rng = np.random.default_rng(0)
    found = {name: rng.normal(size=2000) for name in ("RA", "LA", "LL", *LEADS[6:])}
    # An electrode on the other leg sees the same.
    return {**found, "RL": found["LL"]}


@pytest.mark.parametrize("kind", [*LIMBS, *CHEST, "RA-RL", "LA-RL", "LL-RL", "LA-V1"])
def test_what_exchanged_electrodes_record(potentials, kind):
    a, b = kind.split("-")
    exchanged = {**potentials, a: potentials[b], b: potentials[a]}
    assert_allclose(
        exchange_electrodes(leads_of(potentials), kind), leads_of(exchanged), atol=1e-12
    )


@pytest.mark.parametrize("kind", ["correct", *LIMBS, *CHEST, "RA-RL"])
def test_einthoven_and_goldberger_hold(kind):
    # Also of leads that break them.
    X = np.random.default_rng(0).normal(size=(10, 12))
    lead = dict(zip(LEADS, exchange_electrodes(X, kind).T, strict=True))
    assert_allclose(lead["II"], lead["I"] + lead["III"], atol=1e-12)
    assert_allclose(lead["aVR"], -(lead["I"] + lead["II"]) / 2, atol=1e-12)
    assert_allclose(lead["aVL"], (lead["I"] - lead["III"]) / 2, atol=1e-12)
    assert_allclose(lead["aVF"], (lead["II"] + lead["III"]) / 2, atol=1e-12)


@pytest.mark.parametrize("kind", ["correct", *LIMBS, *CHEST])
def test_twice_gives_back_the_original(potentials, kind):
    X = leads_of(potentials)
    once = exchange_electrodes(X, kind)
    assert np.allclose(once, X) == (kind == "correct")
    assert_allclose(exchange_electrodes(once, kind), X, atol=1e-12)


def test_textbook_signs(potentials):
    before = dict(zip(LEADS, leads_of(potentials).T, strict=True))

    def after(kind):
        return dict(zip(LEADS, exchange_electrodes(leads_of(potentials), kind).T, strict=True))

    expected = {
        "RA-LA": {"I": -before["I"], "II": before["III"], "III": before["II"]}
        | {"aVR": before["aVL"], "aVL": before["aVR"], "aVF": before["aVF"]},
        "RA-LL": {"I": -before["III"], "II": -before["II"], "III": -before["I"]}
        | {"aVR": before["aVF"], "aVL": before["aVL"], "aVF": before["aVR"]},
        "LA-LL": {"I": before["II"], "II": before["I"], "III": -before["III"]}
        | {"aVR": before["aVR"], "aVL": before["aVF"], "aVF": before["aVL"]},
        # The sign of an exchange with the right leg: a lead without amplitude.
        "RA-RL": {"II": 0 * before["II"], "III": before["III"], "I": -before["III"]},
        "V1-V2": {"V1": before["V2"], "V2": before["V1"], "V3": before["V3"], "I": before["I"]},
    }
    for kind, leads in expected.items():
        found = after(kind)
        for lead, signal in leads.items():
            assert_allclose(found[lead], signal, atol=1e-12, err_msg=f"{kind}: {lead}")
    for kind in LIMBS:
        assert_allclose(after(kind)["V4"], before["V4"], atol=1e-12)
    assert not np.allclose(after("RA-RL")["V4"], before["V4"])


def test_any_shape_and_float32(potentials):
    X = leads_of(potentials).astype(np.float32).reshape(4, 500, 12)
    out = exchange_electrodes(X, "V3-V4")
    assert out.shape == X.shape
    assert out.dtype == np.float32
    assert_allclose(exchange_electrodes(X[2, 7], "V3-V4"), out[2, 7], atol=1e-6)


@pytest.mark.parametrize(
    ("X", "kind", "message"),
    [
        (np.zeros((10, 11)), "RA-LA", r"twelve leads I, II.*got shape \(10, 11\)"),
        ([[None] * 12], "RA-LA", "twelve leads"),
        (np.zeros(12), "RA-RA", "two of the electrodes RA, LA.*got 'RA-RA'"),
        (np.zeros(12), "I-II", "got 'I-II'"),
        (np.zeros(12), "RALA", "got 'RALA'"),
        (np.zeros(12), None, "got None"),
    ],
)
def test_bad_input_of_the_exchange(X, kind, message):
    with pytest.raises(ValueError, match=message):
        exchange_electrodes(X, kind)


def record(potentials, name, peaks=(300, 375, 900, 1500, 1625, 1700), fs=500, **kwargs):
    signal = leads_of(potentials).astype(np.float32)
    marks = Annotations(list(peaks), ["N"] * len(peaks))
    return ECGRecord(signal, fs, LEADS, annotations=marks, record_id=name, **kwargs)


def test_samples_are_beats_with_the_exchange_that_the_label_says(potentials):
    records = [record(potentials, "a"), record({k: -v for k, v in potentials.items()}, "b")]
    kinds = ["RA-LA", "V1-V2"]
    bunch = make_lead_inversions(records, kinds, n_arrangements=3, random_state=0)
    assert bunch.data.shape == (2 * 4 * 3, 750, 12)
    assert bunch.data.dtype == np.float32
    assert bunch.fs == 500
    assert list(bunch.lead_names) == LEADS
    assert bunch.target_names.tolist() == ["correct", "RA-LA", "V1-V2"]
    assert bunch.groups.tolist() == ["a"] * 12 + ["b"] * 12
    # Those at 300 and 1700 are less than 0.75 s from an end.
    assert bunch.sample.tolist() == 2 * np.repeat([375, 900, 1500, 1625], 3).tolist()
    by_id = {r.record_id: r for r in records}
    for x, kind, group, sample in zip(
        bunch.data, bunch.target, bunch.groups, bunch.sample, strict=True
    ):
        beat = by_id[group].signal[sample - 375 : sample + 375]
        assert_allclose(x, exchange_electrodes(beat, kind), atol=1e-5)
    for arrangements in bunch.target.reshape(-1, 3):
        assert set(arrangements) == {"correct", "RA-LA", "V1-V2"}


def test_all_possibilities_are_equally_likely_and_the_seed_decides(potentials):
    many = record(potentials, "a", peaks=range(375, 1625))
    y = make_lead_inversions([many], ["RA-LA", "RA-LL", "V1-V2"], random_state=0).target
    count = np.unique(y, return_counts=True)[1]
    assert len(count) == 4
    assert_allclose(count, len(y) / 4, rtol=0.15)
    again = make_lead_inversions([many], ["RA-LA", "RA-LL", "V1-V2"], random_state=0)
    assert_array_equal(again.target, y)
    other = make_lead_inversions([many], ["RA-LA", "RA-LL", "V1-V2"], random_state=1)
    assert not np.array_equal(other.target, y)


def test_recordings_of_another_rate_come_to_500_hz(potentials):
    bunch = make_lead_inversions([record(potentials, "a", fs=1000, peaks=[1000])], random_state=0)
    assert bunch.data.shape == (1, 750, 12)
    assert bunch.sample.tolist() == [1000]


def test_qrs_complexes_come_from_the_delineation_first(potentials):
    marks = {
        "V1": Annotations([700], ["N"]),
        "II": Annotations([790, 800, 820, 900], ["(", "N", ")", "t"]),
    }
    bunch = make_lead_inversions([record(potentials, "a", delineation=marks)], random_state=0)
    assert bunch.sample.tolist() == [800]
    del marks["II"]
    bunch = make_lead_inversions([record(potentials, "a", delineation=marks)], random_state=0)
    assert bunch.sample.tolist() == [700]


def test_columns_are_in_standard_order_whatever_the_recording_has(potentials):
    straight = record(potentials, "a")
    turned = straight.select_leads(LEADS[::-1])
    assert_array_equal(
        make_lead_inversions([turned], random_state=0).data,
        make_lead_inversions([straight], random_state=0).data,
    )


def test_return_X_y_groups_and_patients(potentials):
    records = [record(potentials, "a", patient_id="p"), record(potentials, "b", patient_id="p")]
    X, y, groups = make_lead_inversions(records, random_state=0, return_X_y_groups=True)
    assert len(X) == len(y) == 8
    assert set(groups) == {"p"}


def test_bad_input(potentials):
    good = record(potentials, "a")
    with pytest.raises(ValueError, match="record a lacks lead III"):
        make_lead_inversions([good.select_leads(["I", "II"])])
    bare = ECGRecord(good.signal, 500, LEADS, record_id="b")
    with pytest.raises(ValueError, match="record b has no QRS complexes"):
        make_lead_inversions([good, bare])
    with pytest.raises(ValueError, match="got 'I-II'"):
        make_lead_inversions([good], ["I-II"])
    with pytest.raises(ValueError, match="The 'kinds' parameter"):
        make_lead_inversions([good], "RA-LA")
    with pytest.raises(ValueError, match="kinds must be exchanges that differ"):
        make_lead_inversions([good], ["RA-LA", "RA-LA"])
    with pytest.raises(ValueError, match="n_arrangements must be at most 2"):
        make_lead_inversions([good], ["RA-LA"], n_arrangements=3)
    with pytest.raises(ValueError, match="The 'n_arrangements' parameter"):
        make_lead_inversions([good], n_arrangements=0)
    with pytest.raises(ValueError, match="at least one ECGRecord"):
        make_lead_inversions([])


@pytest.mark.real_data
def test_ludb(ludb):
    bunch = make_lead_inversions(ludb.records, ["RA-LA", "V1-V2"], random_state=0)
    assert bunch.data.shape[1:] == (750, 12)
    assert len(set(bunch.groups)) == 200
    # Its correct leads obey Einthoven, so the algebra leaves them as they are.
    i = np.flatnonzero(bunch.target == "correct")[0]
    record = next(r for r in ludb.records if r.record_id == bunch.groups[i])
    start = bunch.sample[i] - 375
    assert_allclose(bunch.data[i], record.signal[start : start + 750], atol=1e-3)
    # With the arms exchanged, I is negative in most people.
    lead_i = bunch.data[..., 0] - np.median(bunch.data[..., 0], axis=1, keepdims=True)
    upright = lead_i.max(axis=1) > -lead_i.min(axis=1)
    assert upright[bunch.target == "correct"].mean() > 0.9
    assert upright[bunch.target == "RA-LA"].mean() < 0.1
