-- Results of the attacks tried with the newest release that had any.
select x.attack, x.design, x.companies, x.broken, x.people, x.epsilon_claimed, x.epsilon_found, x.words
from attack_results x
where x.release = (
    select r.release
    from releases r
    where exists (select 1 from attack_results y where y.release = r.release)
    order by r.published_at desc
    limit 1
)
order by x.attack, x.design
