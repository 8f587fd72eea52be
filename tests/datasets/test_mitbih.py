import hashlib
import logging
from collections import Counter

import numpy as np
import pooch
import pytest
import wfdb

from skecg.datasets import _mitbih, fetch_mitbih, load_mitbih
from skecg.preprocessing import BeatSegmenter
from skecg.recordings import read_record
from tests.datasets.server import FileServer

FS = 360
SECONDS = 12
# de Chazal's division, without the paced records.
DS1 = "101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230"
DS2 = "100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234"


def _write_record(folder, name, leads, symbols):
    """A sine of its own frequency on each lead, and a beat of each symbol in every second."""
    t = np.arange(SECONDS * FS)[:, np.newaxis] / FS
    wfdb.wrsamp(
        name,
        fs=FS,
        units=["mV", "mV"],
        sig_name=leads,
        p_signal=np.sin(2 * np.pi * t * [1, 3]) + 0.2,
        fmt=["212", "212"],
        adc_gain=[200.0, 200.0],
        baseline=[0, 0],
        write_dir=str(folder),
    )
    sample = np.arange(1, len(symbols) + 1) * FS
    wfdb.wrann(
        name,
        "atr",
        sample=np.concatenate([[5], sample]),
        symbol=["+", *symbols],
        aux_note=["(N"] + [""] * len(symbols),
        write_dir=str(folder),
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Three records of the database's form, among them one without MLII and one person twice."""
    folder = tmp_path_factory.mktemp("mitdb")
    _write_record(folder, "102", ["V5", "V2"], list("//f~NQ"))
    _write_record(folder, "201", ["V1", "MLII"], list("NLAaV!EF"))
    _write_record(folder, "202", ["MLII", "V1"], list("RejJSN"))
    return folder


RECORDS = ["102", "201", "202"]


class TestLoad:
    def test_bunch(self, database):
        mitbih = load_mitbih(database, records=RECORDS)
        assert mitbih.data.shape == (4 + 6 + 5, 187)
        assert mitbih.data.dtype == np.float32
        assert mitbih.fs == 125
        assert "".join(mitbih.symbol) == "//fN" + "NLAaVE" + "RejJS"
        assert "".join(mitbih.target) == "QQQN" + "NNSSVV" + "NNNSS"
        assert mitbih.record.tolist() == ["102"] * 4 + ["201"] * 6 + ["202"] * 5
        assert mitbih.groups.tolist() == ["102"] * 4 + ["201"] * 11
        assert mitbih.sample[4:10].tolist() == [360, 720, 1080, 1440, 1800, 2520]
        assert mitbih.target_names == ["N", "S", "V", "Q"]
        assert mitbih.n_dropped == 3
        for fact in ("ODC-By 1.0", "physionet.org", "Moody", "Goldberger"):
            assert fact in mitbih.DESCR

    def test_beats_are_the_segmenters(self, database):
        mitbih = load_mitbih(database, records=["202"])
        record = read_record(database / "202").select_leads(["MLII"])
        np.testing.assert_array_equal(mitbih.data, BeatSegmenter().segment(record).data)

    def test_lead_is_chosen_by_name(self, database):
        mitbih = load_mitbih(database, records=RECORDS)
        assert mitbih.lead_names == {"102": ("V5",), "201": ("MLII",), "202": ("MLII",)}
        # MLII is 201's second lead, with 3 periods a second.
        second = mitbih.data[mitbih.record == "201"][0, :125]
        assert np.argmax(np.abs(np.fft.rfft(second - second.mean()))) == 3
        other = load_mitbih(database, records=RECORDS, lead="V1")
        assert other.lead_names == {"102": ("V5",), "201": ("V1",), "202": ("V1",)}

    def test_both_leads(self, database):
        mitbih = load_mitbih(database, records=RECORDS, lead=None)
        assert mitbih.data.shape == (15, 187, 2)
        assert mitbih.lead_names["201"] == ("V1", "MLII")

    def test_tuple(self, database):
        X, y, groups = load_mitbih(database, records=RECORDS, return_X_y_groups=True)
        mitbih = load_mitbih(database, records=RECORDS)
        np.testing.assert_array_equal(X, mitbih.data)
        np.testing.assert_array_equal(y, mitbih.target)
        np.testing.assert_array_equal(groups, mitbih.groups)

    def test_symbols_as_target(self, database):
        mitbih = load_mitbih(database, records=["201"], target="symbol")
        assert "".join(mitbih.target) == "NLAaVE"
        assert mitbih.target_names == ["A", "E", "L", "N", "V", "a"]

    def test_own_segmenter(self, database):
        segmenter = BeatSegmenter(window=(0.25, 0.5), target_fs=None, scaling=None)
        mitbih = load_mitbih(database, records=RECORDS, segmenter=segmenter)
        assert mitbih.data.shape == (18, 270)
        assert mitbih.fs == FS
        assert mitbih.n_dropped == 0

    def test_threads_change_nothing(self, database):
        one, two = (load_mitbih(database, records=RECORDS, n_jobs=n) for n in (1, 2))
        np.testing.assert_array_equal(one.data, two.data)
        assert one.record.tolist() == two.record.tolist()

    def test_numbers_as_records_in_the_order_given(self, database):
        mitbih = load_mitbih(database, records=[202, 102])
        assert list(dict.fromkeys(mitbih.record)) == ["202", "102"]

    def test_verbose_reports_on_standard_error(self, database, capsys):
        load_mitbih(database, records=RECORDS)
        assert capsys.readouterr() == ("", "")
        load_mitbih(database, records=RECORDS, verbose=True)
        out, err = capsys.readouterr()
        assert out == ""
        assert "15 beats of 3 records in" in err

    def test_whole_database_is_wanted_by_default(self, database):
        with pytest.raises(FileNotFoundError, match=r"lacks 45 of 48 records: 100, 101.*fetch_"):
            load_mitbih(database)

    def test_missing_annotations(self, database, tmp_path):
        for suffix in ("hea", "dat"):
            (tmp_path / f"202.{suffix}").write_bytes((database / f"202.{suffix}").read_bytes())
        with pytest.raises(FileNotFoundError, match=r"202\.atr"):
            load_mitbih(tmp_path, records=[202])

    def test_truncated_signal(self, database, tmp_path):
        for suffix in ("hea", "dat", "atr"):
            (tmp_path / f"202.{suffix}").write_bytes((database / f"202.{suffix}").read_bytes())
        (tmp_path / "202.dat").write_bytes((database / "202.dat").read_bytes()[:-100])
        with pytest.raises(ValueError, match=r"202\.dat is cut off"):
            load_mitbih(tmp_path, records=["202"], n_jobs=2)

    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"records": ["999"]}, "records must be among the 48 .* got 999"),
            ({"records": []}, "at least one record"),
            ({"records": ["102", "102"]}, "each once"),
            ({"records": RECORDS, "lead": "aVL"}, "lead 'aVL' is in none"),
            ({"records": RECORDS, "target": "classes"}, "target must be"),
        ],
    )
    def test_refuses(self, database, parameters, message):
        with pytest.raises(ValueError, match=message):
            load_mitbih(database, **parameters)


@pytest.fixture
def server(database, monkeypatch):
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in database.iterdir()}
    monkeypatch.setattr(_mitbih, "_publisher_sums", lambda: sums)
    # No proxy between this process and itself.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = FileServer(database)
    yield server
    server.close()


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


WANTED = [f"{record}.{suffix}" for record in RECORDS for suffix in ("hea", "dat", "atr")]


class TestFetch:
    def _fetch(self, server, home, **more):
        return fetch_mitbih(home, records=RECORDS, base_url=server.url, n_retries=0, **more)

    def test_downloads_and_loads(self, server, database, tmp_path):
        home = tmp_path / "new" / "folder"
        mitbih = self._fetch(server, home)
        assert _names(home) == sorted(WANTED)
        assert server.requests == WANTED
        np.testing.assert_array_equal(mitbih.data, load_mitbih(database, records=RECORDS).data)

    def test_good_files_are_not_downloaded_again(self, server, tmp_path):
        self._fetch(server, tmp_path)
        server.requests.clear()
        X, _, _ = self._fetch(server, tmp_path, return_X_y_groups=True)
        assert server.requests == []
        assert len(X) == 15

    @pytest.mark.parametrize("damage", ["cut", "corrupt"])
    def test_damaged_download_leaves_nothing_and_is_resumed(self, server, tmp_path, damage):
        getattr(server, damage).add("201.dat")
        with pytest.raises((OSError, ValueError), match=r"201\.dat"):
            self._fetch(server, tmp_path)
        assert _names(tmp_path) == sorted(WANTED[:4])
        getattr(server, damage).clear()
        server.requests.clear()
        self._fetch(server, tmp_path)
        assert server.requests == WANTED[4:]

    def test_missing_on_the_server(self, server, tmp_path, monkeypatch):
        sums = {**_mitbih._publisher_sums(), "100.hea": "0" * 64, "100.dat": "", "100.atr": ""}
        monkeypatch.setattr(_mitbih, "_publisher_sums", lambda: sums)
        with pytest.raises(OSError, match=r"100\.hea could not be fetched from .* 404"):
            fetch_mitbih(tmp_path, records=[100], base_url=server.url, n_retries=0)
        assert _names(tmp_path) == []

    def test_damaged_local_file_is_replaced(self, server, database, tmp_path):
        self._fetch(server, tmp_path)
        (tmp_path / "202.dat").write_bytes(b"half")
        server.requests.clear()
        self._fetch(server, tmp_path)
        assert server.requests == ["202.dat"]
        assert (tmp_path / "202.dat").read_bytes() == (database / "202.dat").read_bytes()

    def test_failed_replacement_leaves_no_wrong_file_in_use(self, server, tmp_path):
        self._fetch(server, tmp_path)
        (tmp_path / "202.dat").write_bytes(b"half")
        server.cut.add("202.dat")
        with pytest.raises(OSError, match=r"202\.dat could not be fetched"):
            self._fetch(server, tmp_path)
        assert _names(tmp_path) == sorted(WANTED)

    def test_tries_again(self, server, tmp_path, monkeypatch):
        monkeypatch.setattr("time.sleep", lambda seconds: server.cut.clear())
        server.cut.add("102.dat")
        fetch_mitbih(tmp_path, records=RECORDS, base_url=server.url, n_retries=1)
        assert server.requests[:3] == ["102.hea", "102.dat", "102.dat"]

    def test_no_server(self, tmp_path, server):
        server.close()
        with pytest.raises(OSError, match=r"102\.hea could not be fetched"):
            self._fetch(server, tmp_path)

    def test_folder_from_the_environment(self, server, tmp_path, monkeypatch):
        monkeypatch.setenv("SKECG_DATA", str(tmp_path))
        self._fetch(server, None)
        assert _names(tmp_path / "mitdb") == sorted(WANTED)

    def test_is_quiet_unless_asked(self, server, tmp_path, capsys, monkeypatch):
        logger = pooch.get_logger()
        # pooch's own handler holds the standard error of the time when it was imported.
        monkeypatch.setattr(logger, "handlers", [logging.StreamHandler()])
        level = logger.level
        self._fetch(server, tmp_path)
        assert capsys.readouterr() == ("", "")
        assert logger.level == level

    def test_refuses_unknown_records_before_downloading(self, server, tmp_path):
        with pytest.raises(ValueError, match="got 300"):
            fetch_mitbih(tmp_path, records=[300], base_url=server.url)
        assert server.requests == []


def test_publisher_sums_cover_every_file():
    sums = _mitbih._publisher_sums()
    assert set(sums) == {
        f"{record}.{suffix}"
        for record in _mitbih.MITBIH_RECORDS
        for suffix in ("hea", "dat", "atr")
    }
    assert all(len(digest) == 64 for digest in sums.values())


@pytest.fixture(scope="module")
def mitbih(mitdb_dir):
    return load_mitbih(mitdb_dir, n_jobs=2)


@pytest.mark.real_data
class TestRealDatabase:
    def test_counts_of_complete_beats(self, mitbih):
        assert mitbih.data.shape == (109_446, 187)
        assert mitbih.n_dropped == 48
        counts = Counter(mitbih.target.tolist())
        assert counts == {"N": 90_589, "S": 2_779, "V": 7_236, "F": 803, "Q": 8_039}
        assert mitbih.target_names == ["N", "S", "V", "F", "Q"]

    def test_counts_of_all_annotated_beats(self, mitdb_dir):
        counts = Counter()
        for name in _mitbih.MITBIH_RECORDS:
            symbols = read_record(mitdb_dir / name).annotations.beats().symbol
            counts.update(_mitbih.AAMI_CLASS_OF_SYMBOL[s] for s in symbols.tolist())
        assert counts == {"N": 90_631, "S": 2_781, "V": 7_236, "F": 803, "Q": 8_043}

    @pytest.mark.parametrize(
        ("records", "annotated"),
        [
            (DS1, {"N": 45_866, "S": 944, "V": 3_788, "F": 415, "Q": 8}),
            (DS2, {"N": 44_259, "S": 1_837, "V": 3_221, "F": 388, "Q": 7}),
        ],
    )
    def test_counts_of_the_inter_patient_sets(self, mitbih, mitdb_dir, records, annotated):
        records = records.split()
        found = Counter(mitbih.target[np.isin(mitbih.record, records)].tolist())
        # The last beat of each record is annotated, but not loaded.
        for name in records:
            last = read_record(mitdb_dir / name).annotations.beats().symbol[-1]
            found[_mitbih.AAMI_CLASS_OF_SYMBOL[str(last)]] += 1
        assert found == annotated

    def test_order_patients_and_leads(self, mitbih):
        assert tuple(dict.fromkeys(mitbih.record.tolist())) == _mitbih.MITBIH_RECORDS
        same_record = mitbih.record[1:] == mitbih.record[:-1]
        assert np.all(np.diff(mitbih.sample)[same_record] > 0)
        assert len(set(mitbih.groups)) == 47
        assert set(mitbih.groups[mitbih.record == "202"]) == {"201"}
        taken = Counter(mitbih.lead_names.values())
        assert taken == {("MLII",): 46, ("V5",): 2}

    def test_beats_look_as_described(self, mitbih):
        X = mitbih.data
        assert X.dtype == np.float32
        assert np.all(X.min(axis=1) == 0)
        assert np.all(X.max(axis=1) == 1)
        # The R peak comes first, and most beats end before 1.5 s.
        normal = X[mitbih.target == "N"]
        assert np.median(normal[:, :3].max(axis=1)) > 0.98
        assert np.mean(X[:, -1] == 0) > 0.9
