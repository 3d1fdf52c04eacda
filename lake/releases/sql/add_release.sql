insert into releases values ($release, $period, $as_of, $published_at, $people, $rho, $epsilon, $year_rho, $year_epsilon, $allowed_epsilon, $delta, $digest)
