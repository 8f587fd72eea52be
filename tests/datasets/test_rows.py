import resource
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skecg._readers import _delimited
from skecg.datasets import load_heartbeat_csv, load_lead_csv


def _beats(n=12, width=187, seed=0):
    return np.random.default_rng(seed).random((n, width))


def _write(path, X, y=None, **more):
    np.savetxt(path, X if y is None else np.column_stack([X, y]), delimiter=",", **more)
    return path


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(_delimited, "_BLOCK_CHARACTERS", 10_000)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    "load", [load_heartbeat_csv, lambda p, **k: load_lead_csv(p, n_leads=2, **k)]
)
def test_a_memory_map_takes_no_memory_for_the_rows(tmp_path, load, monkeypatch):
    monkeypatch.setattr(_delimited, "_SAMPLE_BYTES", 10_000)
    path = _write(tmp_path / "b.csv", np.zeros((2000, 188)), fmt="%d")

    def peak(**arguments):
        tracemalloc.start()
        try:
            data = load(path, return_X_y=True, **arguments)[0]
            return tracemalloc.get_traced_memory()[1], data.nbytes
        finally:
            tracemalloc.stop()

    load(path, memmap=tmp_path / "X.npy")  # what is imported late does not count
    in_memory, n_bytes = peak()
    assert in_memory > n_bytes
    assert peak(memmap=tmp_path / "X.npy")[0] < n_bytes / 4


class TestHeartbeats:
    def test_five_classes(self, tmp_path):
        y = np.arange(12) % 5
        bunch = load_heartbeat_csv(_write(tmp_path / "b.csv", _beats(), y), target_names="aami")
        assert bunch.data.dtype == np.float32
        assert_array_equal(bunch.data, _beats().astype(np.float32))
        assert_array_equal(bunch.target, np.array(list("NSVFQ"))[y])
        assert (bunch.fs, bunch.source.tolist()) == (125, [0] * 12)

    def test_a_pair_of_files(self, tmp_path):
        normal = _write(tmp_path / "normal.csv", _beats(3), np.zeros(3))
        abnormal = _write(tmp_path / "abnormal.csv", _beats(2, seed=1), np.ones(2))
        bunch = load_heartbeat_csv([normal, abnormal], target_names="ptb")
        assert bunch.target.tolist() == ["normal"] * 3 + ["abnormal"] * 2
        assert bunch.source.tolist() == [0, 0, 0, 1, 1]
        X, y = load_heartbeat_csv([normal, str(abnormal)], return_X_y=True)
        assert X.shape == (5, 187)
        assert y.tolist() == [0, 0, 0, 1, 1]

    @pytest.mark.usefixtures("small_blocks")
    def test_memory_map(self, tmp_path):
        path = _write(tmp_path / "b.csv", _beats(40), np.arange(40) % 2)
        mapped = load_heartbeat_csv(path, memmap=tmp_path / "X.npy", verbose=True)
        assert isinstance(mapped.data, np.memmap)
        assert_array_equal(mapped.data, load_heartbeat_csv(path).data)
        assert_array_equal(np.load(tmp_path / "X.npy"), mapped.data)
        assert sorted(p.name for p in tmp_path.iterdir()) == ["X.npy", "b.csv"]

    @pytest.mark.usefixtures("small_blocks")
    def test_nothing_half_written(self, tmp_path):
        path = _write(tmp_path / "b.csv", _beats(40), np.arange(40) % 2)
        path.write_text(path.read_text() + "1,2,3\n")
        (tmp_path / "X.npy").write_bytes(b"before")
        with pytest.raises(ValueError, match=r"b\.csv, line 41 has 3 values"):
            load_heartbeat_csv(path, memmap=tmp_path / "X.npy")
        assert (tmp_path / "X.npy").read_bytes() == b"before"
        assert len(list(tmp_path.iterdir())) == 2

    def test_a_full_disk_or_a_missing_folder_leaves_the_previous_file(self, tmp_path):
        path = _write(tmp_path / "b.csv", _beats(40), np.arange(40) % 2)
        (tmp_path / "X.npy").write_bytes(b"before")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, hard))
        try:
            with pytest.raises(OSError, match=r"nothing was written.*too large.*/X\.npy'"):
                load_heartbeat_csv(path, memmap=tmp_path / "X.npy")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        with pytest.raises(OSError, match=r"nothing was written.*/missing/X\.npy'"):
            load_heartbeat_csv(path, memmap=tmp_path / "missing" / "X.npy")
        assert (tmp_path / "X.npy").read_bytes() == b"before"
        assert len(list(tmp_path.iterdir())) == 2

    @pytest.mark.parametrize(
        ("last", "names", "message"),
        [
            (1.5, None, r"about line 12: the last column must be a class, .* got 1\.5"),
            (-1, None, "got -1"),
            (5, "aami", "from 0 to 4, got 5"),
            (2, ["a", "b"], "from 0 to 1, got 2"),
            (np.nan, None, "about line 12, column 188: the value is missing"),
        ],
    )
    def test_classes_that_are_none(self, tmp_path, last, names, message):
        path = _write(tmp_path / "b.csv", _beats(), [0] * 11 + [last])
        with pytest.raises(ValueError, match=rf"b\.csv, .*{message}"):
            load_heartbeat_csv(path, target_names=names)

    def test_widths_that_differ(self, tmp_path):
        paths = [_write(tmp_path / f"{w}.csv", _beats(width=w)) for w in (188, 178)]
        with pytest.raises(ValueError, match=r"178\.csv has 178 columns, and .*188\.csv 188"):
            load_heartbeat_csv(paths)
        with pytest.raises(ValueError, match="got none"):
            load_heartbeat_csv([])


class TestLeads:
    X = np.cumsum(np.random.default_rng(0).normal(size=(6, 100, 12)), axis=1)

    def test_samples_and_labels(self, tmp_path):
        data = _write(tmp_path / "d.csv", self.X.reshape(6, -1))
        labels = tmp_path / "l.csv"
        labels.write_text("label\n" + "ok\ninverted\n" * 3)
        bunch = load_lead_csv(data, labels)
        assert_allclose(bunch.data, self.X, rtol=1e-6)
        assert bunch.data.dtype == np.float32
        assert bunch.target.tolist() == ["ok", "inverted"] * 3
        assert bunch.lead_names[3] == "aVR"
        labels.write_text("id,label\n" + "".join(f"{i},{i % 2}\n" for i in range(6)))
        assert load_lead_csv(data, labels, return_X_y=True)[1].tolist() == [0, 1] * 3
        assert load_lead_csv(data).target is None

    def test_order(self, tmp_path):
        data = _write(tmp_path / "d.csv", self.X.transpose(0, 2, 1).reshape(6, -1))
        assert_allclose(load_lead_csv(data, order="lead").data, self.X, rtol=1e-6)
        with pytest.raises(ValueError, match=r"d\.csv is not in order='time'"):
            load_lead_csv(data)

    @pytest.mark.usefixtures("small_blocks")
    def test_numbered_rows_and_a_memory_map(self, tmp_path):
        rows = np.column_stack([np.arange(6), self.X.reshape(6, -1)])
        header = "," + ",".join(f"v{i}" for i in range(1200))
        data = _write(tmp_path / "d.csv", rows, header=header, comments="")
        bunch = load_lead_csv(data, memmap=tmp_path / "X.npy")
        assert_allclose(bunch.data, self.X, rtol=1e-6)
        assert isinstance(bunch.data, np.memmap)

    def test_leads_that_do_not_divide(self, tmp_path):
        data = _write(tmp_path / "d.csv", self.X.reshape(6, -1)[:, :-1])
        with pytest.raises(ValueError, match="1199 values, which n_leads=12 does not divide"):
            load_lead_csv(data)
        with pytest.raises(ValueError, match="the first does not count the rows"):
            load_lead_csv(_write(tmp_path / "d.csv", self.X.reshape(6, -1)[:, :1189]))

    def test_labels_that_do_not_fit(self, tmp_path):
        data = _write(tmp_path / "d.csv", self.X.reshape(6, -1))
        labels = tmp_path / "l.csv"
        labels.write_text("0\n1\n0\n")
        with pytest.raises(ValueError, match=r"l\.csv has 3 labels for 6 samples"):
            load_lead_csv(data, labels)
