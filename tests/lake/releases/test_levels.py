"""Why larger areas are sums of atoms: the alternative, noise at each level reconciled by least squares, is less
accurate at the same budget. Both are computed exactly, from their covariances."""

from __future__ import annotations

from math import sqrt
from uuid import UUID

import numpy as np

from lake.releases import accounting
from lake.releases.counted_facts import tables
from lake.releases.hierarchy import FINE, NUMBER, Z95, Node, Partition, plan
from tests.lake.releases.companies import APPLICATIONS, company

COST = accounting.rho_of()
VOLUME = accounting.precisions(tables(APPLICATIONS), COST)["volume"][1]


def reconciled(partition: Partition) -> dict[UUID, float]:
    """The deviation of each area's count when each level is noised, and all levels are fitted by least squares.

    A person counted at several levels costs each of them, so each noise is larger by the root of their number.
    """
    places = {atom: place for place, atom in enumerate(sorted(partition.atoms))}

    def row(atoms: frozenset[UUID]) -> list[float]:
        return [float(atom in atoms) for atom in places]

    nodes = list(partition.nodes.values())
    measured = [row(node.atoms) for node in nodes]
    measured += [row(frozenset({node.key})) for node in nodes if len(node.atoms) > 1]
    counted = np.array(measured)
    covariance = np.linalg.inv(counted.T @ counted) * counted.sum(axis=0).max() * VOLUME.deviation**2
    sums = {node.key: np.array(row(node.atoms)) for node in nodes}
    return {key: sqrt(one @ covariance @ one) for key, one in sums.items()}


def summed(partition: Partition) -> dict[UUID, float]:
    return {node.key: VOLUME.deviation * sqrt(len(node.atoms)) for node in partition.nodes.values()}


def half_width(node: Node, deviations: dict[UUID, float]) -> float:
    return Z95 * deviations[node.key] / node.people


def test_sums_of_atoms_publish_more_than_noise_per_level() -> None:
    numbers = {"sums": 0, "levels": 0}
    ranges = {"sums": 0, "levels": 0}
    for size in (200, 1000, 5000):
        for seed in range(2):
            partition = plan(company(size, seed, span=6), {"volume": VOLUME})["volume"]
            for how, deviations in (("sums", summed(partition)), ("levels", reconciled(partition))):
                for node in partition.nodes.values():
                    half = half_width(node, deviations)
                    numbers[how] += half <= FINE and node.people >= 100
                    ranges[how] += half <= NUMBER and node.people < 100
    assert numbers["sums"] > 1.2 * numbers["levels"]
    assert ranges["sums"] > 1.2 * ranges["levels"]


def test_both_methods_agree_for_one_area() -> None:
    partition = plan(company(90, span=90), {"volume": VOLUME})["volume"]
    assert len(partition.nodes) == 1
    assert summed(partition) == reconciled(partition)
