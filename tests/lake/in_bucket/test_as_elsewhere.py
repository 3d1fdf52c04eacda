"""Tests of the lake, of its questions and of what programs read, with the data files in a bucket."""

from tests.governance.ai_models.test_datasets import pipeline, test_training_data_is_pseudonymous
from tests.governance.conftest import api, capture, closed_databases, unknown
from tests.lake.datasets.test_datasets import (
    people,
    test_a_version_has_the_selection_and_counts_its_captures,
    today,
)
from tests.lake.rules.test_erasure import (
    subject,
    test_erased_captures_cannot_be_ingested_again,
)
from tests.lake.rules.test_retention import (
    subjects,
    test_a_sweep_merges_small_files_in_sorted_order,
    test_a_sweep_removes_exactly_the_expired_captures,
)
from tests.lake.storage.test_connection import (
    test_filters_stay_correct_after_purge_and_insert,
    test_the_catalog_holds_ciphertext_only,
)
from tests.lake.storage.test_engine import (
    test_a_delete_stays_when_newer_snapshots_expire,
    test_encrypted_delete_files_are_read_by_every_process,
)
from tests.lake.storage.test_store import (
    test_an_interrupted_batch_leaves_no_trace,
    test_the_same_rows_twice_add_nothing,
)
from tests.queries.conftest import own_of
from tests.queries.test_own import test_another_persons_captures_change_no_answer

__all__ = [
    "api",
    "capture",
    "closed_databases",
    "own_of",
    "people",
    "pipeline",
    "subject",
    "subjects",
    "test_a_delete_stays_when_newer_snapshots_expire",
    "test_a_sweep_merges_small_files_in_sorted_order",
    "test_a_sweep_removes_exactly_the_expired_captures",
    "test_a_version_has_the_selection_and_counts_its_captures",
    "test_an_interrupted_batch_leaves_no_trace",
    "test_another_persons_captures_change_no_answer",
    "test_encrypted_delete_files_are_read_by_every_process",
    "test_erased_captures_cannot_be_ingested_again",
    "test_filters_stay_correct_after_purge_and_insert",
    "test_the_catalog_holds_ciphertext_only",
    "test_the_same_rows_twice_add_nothing",
    "test_training_data_is_pseudonymous",
    "today",
    "unknown",
]
