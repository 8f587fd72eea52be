import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skecg import ECGRecord
from skecg.feature_extraction import Demographics


def person(age, sex="male", **kwargs):
    return ECGRecord(np.zeros(100), 100, ["II"], age=age, sex=sex, **kwargs)


@pytest.mark.parametrize(
    ("age", "column"),
    [(10, 1), (19, 1), (19.9, 1), (20, 2), (47, 4), (79, 7), (80, 8), (89, 8), (90, 8), (110, 8)],
)
def test_one_column_a_decade(age, column):
    expected = np.zeros((1, 9))
    expected[0, column] = 1
    assert_array_equal(Demographics().fit_transform([person(age, "female")]), expected)


def test_sex():
    people = [person(30, "male"), person(30, "female")]
    assert_array_equal(Demographics().fit_transform(people)[:, 0], [1, 0])


def test_names():
    frame = Demographics().set_output(transform="pandas").fit_transform([person(30)])
    decades = [f"age_{decade}" for decade in (10, 20, 30, 40, 50, 60, 70, 80)]
    assert frame.columns.tolist() == ["male", *decades]


def test_years():
    features = Demographics(age="years").fit([person(7)])
    assert features.get_feature_names_out().tolist() == ["male", "age"]
    assert_array_equal(features.transform([person(7), person(91, "female")]), [[1, 7], [0, 91]])


@pytest.mark.parametrize(
    ("unknown", "lacks"),
    [(person(None, record_id="7"), "age_10"), (person(30, None, record_id="7"), "male")],
)
def test_unknown_is_an_error_that_names_the_record(unknown, lacks):
    with pytest.raises(ValueError, match=rf"1 of 2 .*record 7 \({lacks}"):
        Demographics().fit_transform([person(30), unknown])


def test_many_unknown_are_counted_and_not_all_named():
    with pytest.raises(ValueError, match=r"^50 of 50 records lack.* and 40 more\. Choose"):
        Demographics().fit_transform([person(None)] * 50)


def test_age_under_ten_is_not_known_by_decade():
    with pytest.raises(ValueError, match=r"record child \(age_10, age_20"):
        Demographics().fit_transform([person(9.9, record_id="child")])
    assert_array_equal(Demographics(missing=0).fit_transform([person(5)]), [[1] + [0] * 8])


def test_unknown_as_nan_a_number_or_the_shares_in_the_training_data():
    people = [person(25), person(35), person(35, "female"), person(36)]
    unknown = [person(None, None), person(25, None)]
    features = Demographics(missing="nan").fit(people).transform(unknown)
    assert_array_equal(features, [[np.nan] * 9, [np.nan, 0, 1] + [0] * 6])
    features = Demographics(missing=0.5).fit(people).transform(unknown)
    assert_array_equal(features, [[0.5] * 9, [0.5, 0, 1] + [0] * 6])
    features = Demographics(missing="mean").fit(people).transform(unknown)
    assert_array_equal(features[0], [0.75, 0, 0.25, 0.75] + [0] * 5)


def test_leads_do_not_matter():
    record = ECGRecord(np.full((100, 2), np.nan), 100, ["X", "Y"], age=30, sex="male")
    assert Demographics().fit_transform([record]).sum() == 2


@pytest.mark.parametrize("parameters", [{"age": "months"}, {"missing": "zero"}])
def test_wrong_parameters_are_refused(parameters):
    with pytest.raises(ValueError, match=f"The '{next(iter(parameters))}' parameter"):
        Demographics(**parameters).fit([person(30)])


def test_not_fitted():
    with pytest.raises(Exception, match="not fitted"):
        Demographics().transform([person(30)])


@pytest.mark.real_data
def test_ludb(ludb):
    features = Demographics().fit_transform(ludb.records)
    assert features[:, 0].sum() == 115
    assert_array_equal(features[:, 1:].sum(axis=1), 1)
    ages = np.array([r.age for r in ludb.records])
    assert features[:, 8].sum() == (ages >= 80).sum()
