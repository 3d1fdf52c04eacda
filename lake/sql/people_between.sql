select count(distinct subject) from capture_daily where subject between $first and $last
