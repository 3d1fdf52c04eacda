select count(distinct subject) from capture_rollup where subject between $first and $last
