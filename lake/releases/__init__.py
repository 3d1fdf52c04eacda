"""Releases: the only data about many people that managers, and everyone else, can see.

A release is an immutable set of tables, published on a schedule, never queried with a filter. What protects people:

1. People are counted, in bands (`counted_facts`), never events.
2. One fixed hierarchy, the company and the area of each manager (everyone below them, without themselves), is cut
   into atoms. Each atom has at least `LEAST_PEOPLE_PER_ATOM` people, so that some are left for a manager who knows
   `KNOWN_TO_A_MANAGER`. Anything smaller is counted with the area above it (`hierarchy`).
3. Each person is in one atom of each table. The counts of atoms get discrete Gaussian noise from OpenDP, drawn once;
   larger areas are sums of atoms, so all totals agree (`noise`).
4. What this can reveal about one person, over all releases of a year together, is bounded: epsilon 3 at delta
   0.000001, composed as zero-concentrated differential privacy. Two companies that differ in any way in what was
   captured of one person and what they asked for can't be told apart better than that. Who works where is not
   protected: managers know it anyway, and it alone decides which areas have numbers (`accounting`).
5. If the noise is too large for a number, a range is published; if it is too large for that, nothing.

`hierarchy`, `counted_facts`, `noise` and `accounting` are pure: no lake, no file, no clock. `publishing` reads the
facts (`read_facts`) from one snapshot of the lake and writes the release and its cost, together, into `database`.
"""
