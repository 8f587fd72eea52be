from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.pipeline import make_pipeline, make_union

from skecg.feature_extraction import Demographics, WaveformFeatures
from skecg.preprocessing import BandpassFilter, LeadScaler, LeadSelector, Resampler


def test_columns_go_by_time_and_then_by_lead(make_record):
    records = [make_record(seed=0), make_record(seed=1)]
    waveforms = WaveformFeatures().fit(records)
    expected = np.stack([record.signal for record in records])
    assert_array_equal(waveforms.transform(records), expected.reshape(2, -1))
    assert waveforms.get_feature_names_out()[[0, 11, 12, -1]].tolist() == [
        "I_0",
        "V6_0",
        "I_1",
        "V6_999",
    ]


def test_leads_are_chosen_and_found_by_name(make_record):
    record = make_record()
    reordered = record.select_leads(record.lead_names[::-1])
    waveforms = WaveformFeatures(leads=["V5", "aVL"]).fit([record])
    assert_array_equal(waveforms.transform([reordered]), waveforms.transform([record]))
    columns = [record.lead_names.index(lead) for lead in ("V5", "aVL")]
    assert_array_equal(waveforms.transform([record])[0], record.signal[:, columns].ravel())
    all_leads = WaveformFeatures().fit([record])
    assert_array_equal(all_leads.transform([reordered]), all_leads.transform([record]))


def test_pandas_output_has_names(make_record):
    frame = (
        WaveformFeatures(leads=["V5"]).set_output(transform="pandas").fit_transform([make_record()])
    )
    assert frame.columns[:2].tolist() == ["V5_0", "V5_1"]


def test_columns_have_names_after_steps_on_recordings(make_record):
    records = [make_record(seed=i, age=40, sex="male") for i in range(2)]
    waveforms = make_pipeline(
        LeadSelector(leads=["V5"]),
        BandpassFilter(fs=500),
        Resampler(target_fs=100),
        LeadScaler(),
        WaveformFeatures(),
    )
    table = make_union(waveforms, Demographics(age="years"))
    expected = table.fit_transform(records)
    names = [f"V5_{i}" for i in range(200)]
    assert waveforms.get_feature_names_out().tolist() == names
    assert table.get_feature_names_out()[[0, -1]].tolist() == [
        "pipeline__V5_0",
        "demographics__age",
    ]
    with config_context(transform_output="pandas"):
        assert table.fit_transform(records).shape == (2, 202)
    frame = table.set_output(transform="pandas").fit_transform(records)
    assert_array_equal(frame.to_numpy(), expected)
    assert waveforms.transform(records).columns.tolist() == names
    signals = np.stack([record.signal for record in records])
    assert waveforms[0].fit_transform(signals).shape == (2, 1000, 1)
    assert type(waveforms[1].transform(signals[..., 0])) is np.ndarray


def test_float32_stays_float32(make_record):
    record = make_record()
    record = replace(record, signal=record.signal.astype(np.float32))
    assert WaveformFeatures().fit_transform([record]).dtype == np.float32


def test_recordings_that_differ_are_refused_by_id(make_record):
    record = make_record(record_id="7")
    shorter = replace(record, signal=record.signal[:-1], delineation={}, record_id="8")
    slower = replace(record, fs=250, record_id="9")
    waveforms = WaveformFeatures().fit([record])
    with pytest.raises(ValueError, match="record 8 has 999 samples at 500 Hz, others 1000"):
        waveforms.transform([shorter])
    with pytest.raises(ValueError, match="record 9 has 1000 samples at 250 Hz"):
        waveforms.transform([slower])
    with pytest.raises(ValueError, match="record 9"):
        WaveformFeatures().fit([record, slower])
    cut_off = replace(record, signal=np.where(np.arange(12) == 3, np.nan, record.signal))
    with pytest.raises(ValueError, match="record 7 has missing samples"):
        waveforms.transform([cut_off])
    with pytest.raises(ValueError, match="record 7 lacks lead V7"):
        WaveformFeatures(leads=["V7"]).fit([record])
