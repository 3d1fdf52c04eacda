-- The release database: published tables and their cost. Nothing in it is about one person, and rows never change.

create table releases (
    release uuid primary key,
    period varchar not null unique,    -- the first month of its period, as 2026-07: one release per period
    as_of date not null,               -- what was held at the beginning of this UTC day was counted
    published_at timestamp not null,
    people bigint not null,            -- people of the company; who they are is not protected here
    rho double not null,               -- what it cost
    epsilon double not null,           -- the same, as epsilon at delta
    year_rho double not null,          -- total of this release and those of the 365 days before
    year_epsilon double not null,
    allowed_epsilon double not null,   -- what the year may cost
    delta double not null,
    digest varchar not null            -- SHA-256 of the published data, in hex; also in the ledger
);

create table release_tables (
    release uuid not null,
    name varchar not null,
    bands varchar[] not null,
    one boolean not null,              -- each person is in exactly one band
    company_only boolean not null,
    sensitivity double not null,
    deviation double not null,         -- of the noise drawn for each count
    rho double not null,
    numbers_from bigint not null,      -- size from which areas of one atom have numbers
    ranges_from bigint not null,       -- size from which areas have ranges
    primary key (release, name)
);

create table released_areas (
    release uuid not null,
    name varchar not null,             -- of the table
    node uuid not null,
    people bigint not null,
    atoms bigint not null,             -- number of parts with separate noise that it sums
    primary key (release, name, node)
);

create table cells (
    release uuid not null,
    name varchar not null,             -- of the table
    node uuid not null,
    band varchar not null,
    place integer not null,
    people double,                     -- with noise; null: only the range is published
    share double,
    low double not null,               -- the share is between low and high in 95 % of cases
    high double not null,
    primary key (release, name, node, band)
);

create table attack_results (
    release uuid not null,
    attack varchar not null,
    design varchar not null,           -- ours | naive
    companies bigint not null,         -- made-up companies it was tried on
    broken bigint not null,            -- companies in which it identified someone
    people bigint not null,            -- people identified
    epsilon_claimed double,
    epsilon_found double,              -- lower bound from the attack
    words varchar not null,
    primary key (release, attack, design)
);

-- Published releases that are only known from the ledger, after a restore: their tables can't be shown any more,
-- but people saw them, so they stay paid for and are not made again.
-- digest '': what was restored may be older than the last release, so one counts as published in this period.
-- period '' too: no release, but an operator's statement at a restore that nothing was published since the backup.
create table lost_releases (
    release uuid primary key,
    period varchar not null,
    as_of date not null,
    published_at timestamp not null,
    rho double not null,
    year_epsilon double not null,
    digest varchar not null
);

-- What applies to everyone, from no capture: the policies in force and the models, as of a day.
create table states (
    told_at timestamp not null,
    policies json not null,
    models json not null
);
