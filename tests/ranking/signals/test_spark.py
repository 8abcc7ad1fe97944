from __future__ import annotations

import importlib.util
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from ranking.signals import expressions

from .tables import NOW, PARAMETERS, Row, event_table, item_table

_MISSING = [
    name
    for name, is_there in {
        "the extra `spark` (pip install 'recsys[spark]')": importlib.util.find_spec(
            "pyspark"
        ),
        "a Java 17 on the PATH": shutil.which("java"),
    }.items()
    if not is_there
]
pytestmark = [
    pytest.mark.skipif(
        bool(_MISSING), reason=f"NOT RUN: Spark needs {' and '.join(_MISSING)}"
    ),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.timeout(300),
]


def some_events():
    rng = np.random.default_rng(3)
    return [
        Row(
            item=int(rng.integers(1, 7)),
            user=int(rng.integers(1, 40)),
            type=int(rng.choice([0, 1, 3])),
            value=float(rng.choice([1.0, 2.5])),
            age_days=float(rng.integers(0, 90 * 24)) / 24,
        )
        for _ in range(600)
    ]


@pytest.fixture(scope="module")
def spark():
    backend = pytest.importorskip("ibis").pyspark
    session = (
        pytest.importorskip("pyspark.sql")
        .SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    yield backend.connect(session)
    session.stop()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    directory = tmp_path_factory.mktemp("spark")
    pq.write_table(event_table(some_events()), directory / "events.parquet")
    pq.write_table(item_table(), directory / "items.parquet")
    return directory


def signals(read):
    """Return every expression on the tables that `read` opens by name."""
    counted = expressions.counted_events(
        read("events"), read("items"), weights=PARAMETERS.weights, window=NOW
    )
    days = expressions.item_days(counted)
    newest = expressions.newest(days, most_events=20)
    pairs, masses = expressions.covisitation(newest, parameters=PARAMETERS)
    made = expressions.interactions(counted, parameters=PARAMETERS)
    return {
        "popularity": expressions.popularity(counted),
        "trend": expressions.trend(counted, half_life_days=14.0),
        "covisitation": expressions.neighbours(
            pairs, masses, parameters=PARAMETERS, users=40
        ),
        "session": expressions.transitions(counted, window_minutes=600, most=50),
        "interactions": made,
        "repeat": expressions.repeat(made, most=3),
        "bought": expressions.bought(made),
        "sizes": expressions.events_per_user(days),
    }


def test_runs_the_same_expressions_to_the_same_signals(engine, spark, files):
    here = signals(lambda name: engine.backend.read_parquet(files / f"{name}.parquet"))
    there = signals(lambda name: spark.read_parquet(str(files / f"{name}.parquet")))

    for name, expression in here.items():
        expected = engine.run(expression).to_pydict()
        found = spark.to_pyarrow(there[name]).to_pydict()
        assert list(found) == list(expected), name
        for column, values in expected.items():
            exact = column not in ("score", "log2_score", "repeat", "strength", "trend")
            wanted = values if exact else pytest.approx(values, rel=1e-9)
            assert found[column] == wanted, (name, column)
