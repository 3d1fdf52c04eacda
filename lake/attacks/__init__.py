"""Attacks on releases: on ours, which must give nobody away, and on a naive design, which must, or the attacks show
nothing.

    companies   made-up companies, with joiners, leavers, transfers and erasures
    naive       live filters with a minimum group size: the positive control
    ours        our releases of made-up companies, and what was drawn for them
    row_space, bounds, informed, structure, membership      the attacks
    suite       all of them on one company after another
    running     what is tried at each publication and by `python -m lake attack`, and its results in words
    accuracy    what the noise leaves of the truth: the other side

Nothing here reads a capture. At a publication only who reports to whom is taken from the company.
"""
