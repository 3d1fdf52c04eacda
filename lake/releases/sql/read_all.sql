-- Reads every value of the release database, so that damage anywhere in it is found.
select bit_xor(hash(t)) from releases t
union all
select bit_xor(hash(t)) from release_tables t
union all
select bit_xor(hash(t)) from released_areas t
union all
select bit_xor(hash(t)) from cells t
union all
select bit_xor(hash(t)) from attack_results t
union all
select bit_xor(hash(t)) from lost_releases t
union all
select bit_xor(hash(t)) from states t
