"""Attacks on releases: on ours, which must identify no one, and on a naive design, which they must break, or they
show nothing.

    companies   made-up companies, with joiners, leavers, transfers and erasures
    naive       live filters with a minimum group size: the positive control
    ours        our releases of made-up companies, and the noise drawn for them
    row_space, bounds, informed, structure, membership      the attacks
    suite       all of them on one company after another
    running     the attacks run before each publication and by `python -m lake attack`, with results in words
    accuracy    how accurate the published numbers are after noise

Nothing here reads a capture. Before a publication only who reports to whom is taken from the company.
"""
