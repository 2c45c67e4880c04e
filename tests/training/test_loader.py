"""Batch k is what it is, whoever makes it and whenever; every picture has its turn."""

import time
from collections import Counter
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from ml_training.config import NONE, Augmentation
from ml_training.data.loader import Batches, plain_batches
from ml_training.data.records import InputSpec
from ml_training.errors import TrainingError
from tests.training.pictures import records_of, write_pictures

SPEC = InputSpec("person", 48, 48)
COUNT = 30


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """30 records of noise around a level of their own: 8 times their row."""
    samples = write_pictures(tmp_path_factory.mktemp("pictures"), COUNT)
    rng = np.random.default_rng(0)
    level = 8 * np.arange(COUNT)[:, None, None, None]
    return records_of(samples, (level + rng.integers(0, 5, (COUNT, 256, 256, 3))).astype(np.uint8))


def batches(records, augmentation=NONE, rows=range(COUNT), **options):
    return Batches(records, np.array(rows), SPEC, augmentation, **({"batch": 8, "seed": 3} | options))


def rows_in(batch):
    return np.rint((batch[0][:, 24, 24, 0].astype(int) - 2) / 8).astype(int)


def equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


class TestWhatABatchIs:
    def test_shapes_and_types(self, records):
        images, targets = batches(records, Augmentation()).batch(0)
        assert (images.shape, images.dtype) == ((8, 48, 48, 3), np.uint8)
        assert (targets.shape, targets.dtype) == ((8, 29, 3), np.float32)

    def test_the_same_whatever_the_workers(self, records):
        one = list(batches(records, Augmentation(), workers=1).take(0, 6))
        four = list(batches(records, Augmentation(), workers=4).take(0, 6))
        assert len(one) == 6
        assert all(equal(a, b) for a, b in zip(one, four, strict=True))

    def test_the_same_wherever_training_goes_on(self, records):
        whole = list(batches(records, Augmentation()).take(0, 9))
        rest = list(batches(records, Augmentation()).take(6, 3))
        assert all(equal(a, b) for a, b in zip(whole[6:], rest, strict=True))

    def test_another_seed_or_number_is_another_batch(self, records):
        first = batches(records).batch(0)
        assert not equal(first, batches(records).batch(1))
        assert not equal(first, batches(records, seed=4).batch(0))

    def test_a_picture_changes_from_pass_to_pass(self, records):
        still = replace(Augmentation(), colour=0, occluders=0, motion_blur=0)
        one = batches(records, still, rows=[7], batch=2)
        targets = np.concatenate([one.batch(0)[1], one.batch(5)[1]])
        assert len({target[:, 0].tobytes() for target in targets}) == 4


class TestEveryPictureHasItsTurn:
    def test_a_pass_shows_each_row_once_though_batches_reach_over_its_end(self, records):
        shown = np.concatenate([rows_in(batches(records).batch(number)) for number in range(15)])
        passes = shown.reshape(4, COUNT)
        for one_pass in passes:
            assert sorted(one_pass) == list(range(COUNT))
        assert len({tuple(one_pass) for one_pass in passes.tolist()}) == 4

    def test_fewer_rows_than_a_batch(self, records):
        shown = np.concatenate([rows_in(batches(records, rows=[4, 9, 2]).batch(number)) for number in range(3)])
        assert Counter(shown.tolist()) == {2: 8, 4: 8, 9: 8}

    def test_only_the_rows_that_were_asked_for(self, records):
        shown = {
            row for number in range(6) for row in rows_in(batches(records, rows=[1, 5, 8, 11]).batch(number)).tolist()
        }
        assert shown == {1, 5, 8, 11}


class TestTaking:
    def test_it_stops_in_time_when_nobody_wants_more(self, records):
        made = []
        loader = batches(records, workers=2)
        whole = loader.batch
        loader.batch = lambda number: made.append(number) or whole(number)
        stream = loader.take(0, 1000)
        assert len(list(islice(stream, 3))) == 3
        stream.close()
        assert len(made) < 20

    def test_waiting_is_counted(self, records):
        loader = batches(records, workers=1)
        whole = loader.batch

        def slow(number):
            time.sleep(0.02)
            return whole(number)

        loader.batch = slow
        list(loader.take(0, 4))
        assert loader.waited_s > 0.04

    def test_what_goes_wrong_in_a_worker_is_raised(self, records):
        loader = batches(records, rows=[0, COUNT + 5])
        with pytest.raises(IndexError):
            list(loader.take(0, 2))


class TestPlainBatches:
    def test_all_rows_in_order_the_last_batch_as_short_as_it_comes(self, records):
        got = list(plain_batches(records, np.array([3, 1, 4, 15, 9]), SPEC, 2))
        assert [len(images) for images, _ in got] == [2, 2, 1]
        assert np.concatenate([rows_in(batch) for batch in got]).tolist() == [3, 1, 4, 15, 9]
        assert np.concatenate([targets for _, targets in got]).shape == (5, 29, 3)


class TestRefusals:
    def test_records_of_the_other_kind(self, records):
        with pytest.raises(TrainingError, match="letterbox") as raised:
            next(plain_batches(records, np.arange(3), InputSpec("letterbox", 320, 180), 2))
        assert raised.value.code == "wrong_kind"

    def test_no_rows(self, records):
        with pytest.raises(TrainingError) as raised:
            batches(records, rows=[])
        assert raised.value.code == "no_rows"
