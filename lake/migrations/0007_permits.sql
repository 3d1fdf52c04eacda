-- What policies permit besides storing records; null: nothing.
alter table policies add column permits varchar[];
alter table policy_notices add column permits varchar[];
