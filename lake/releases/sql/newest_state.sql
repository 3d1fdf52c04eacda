select s.policies, s.models from states s order by s.told_at desc limit 1
