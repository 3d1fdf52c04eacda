-- The capture lake. All times are UTC. No column but `sealed` holds free text, because DuckLake's catalog
-- keeps the smallest and largest value of every column in clear.

create table captures (
    capture_id uuid not null,      -- keyed hash of the source record: the same record gives the same id
    subject uuid not null,
    captured_at timestamp not null,
    signal varchar not null,
    application varchar not null,  -- a name that a policy lists, never free text
    x integer,                     -- screen pixels, from the left; of a screenshot with a picture (lake/storage/objects): its width
    y integer,                     -- screen pixels, from the top; of such a screenshot: its height
    session uuid,
    source varchar not null,       -- connector and its version
    batch uuid not null,
    policy varchar not null,
    retained_until date not null,  -- the last day it is kept, unless held
    redactions map(varchar, uinteger),  -- kind -> number masked before storage
    sealed blob                    -- AES-256-GCM of all free text, under the subject's key
);
alter table captures set partitioned by (bucket(64, subject));
alter table captures set sorted by (subject, captured_at);

-- Slices: one row per subject, quarter of an hour, signal, application, policy and batch; updated in the transaction
-- that changes captures, so that the sum over them always equals the captures. Every time zone in use begins its days
-- and hours at a quarter of an hour, so the days and hours of each are sums of these rows.
create table capture_rollup (
    subject uuid not null,
    starts_at timestamp not null,
    signal varchar not null,
    application varchar not null,
    policy varchar not null,
    batch uuid not null,
    retained_until date not null,
    events bigint not null,
    redacted bigint not null,      -- captures with at least one redaction
    first_at timestamp not null,
    last_at timestamp not null
);
alter table capture_rollup set partitioned by (bucket(16, subject));
alter table capture_rollup set sorted by (subject, starts_at);

create table batches (
    batch uuid not null,
    subject uuid not null,
    source varchar not null,
    ingested_at timestamp not null,
    read bigint not null,
    stored bigint not null,
    redacted bigint not null,
    outside_policy bigint not null,
    past_retention bigint not null,
    already_known bigint not null,
    erased_before bigint not null,
    quarantined bigint not null,
    kept_out bigint default 0      -- in a pause, outside working hours, before the person was told, or without their consent
);

-- Records that were refused before anything of them was stored, each once: how many, of what, why. No content.
create table refused (
    refusal uuid not null,         -- the id that its capture would have; of a total: random
    subject uuid not null,
    day date,                      -- UTC; null: not known; 0001-01-01: a total that an erasure of everything left
    signal varchar not null,       -- '': not known
    reason varchar not null,       -- lake/rules/refusing.py
    name uuid,                     -- in refused_names; null: not known which application
    records bigint not null        -- 1, or the total
);
alter table refused set partitioned by (bucket(16, subject));
alter table refused set sorted by (subject, day);

-- Which applications they were of. No policy lists these names: they may say something about the person that the
-- employer has no right to know, so they are free text.
create table refused_names (
    subject uuid not null,
    name uuid not null,            -- keyed hash
    sealed blob not null           -- as in captures
);
alter table refused_names set sorted by (subject, name);

-- That people are mentioned, quoted or assigned in records of others: what they see. It says neither which record it was
-- nor whose, and stays until its last day, whatever becomes of the record (lake/rules/indirect.py).
create table mentions (
    mention uuid,                  -- keyed hash of what was read and of the role; null: of an earlier version
    subject uuid not null,         -- who is mentioned
    starts_at timestamp not null,  -- the quarter of an hour of the record
    signal varchar not null,
    application varchar not null,
    role varchar not null,         -- lake/archives/items.py
    retained_until date not null   -- by the strictest policy that allows such records
);
alter table mentions set partitioned by (bucket(16, subject));
alter table mentions set sorted by (subject, starts_at);

-- In which records these are, so that objections keep them out of training: gone with the record.
create table indirect_captures (
    subject uuid not null,         -- whom it concerns; zero: nobody any more (lake/rules/indirect.py)
    capture_id uuid not null,      -- the record, of somebody else
    captured_at timestamp not null,
    signal varchar not null,
    application varchar not null,
    role varchar not null          -- lake/archives/items.py; masked: looked through for the name (lake/masking)
);
alter table indirect_captures set partitioned by (bucket(16, subject));
alter table indirect_captures set sorted by (subject, captured_at);

create table policies (
    policy varchar not null,
    name varchar not null,
    purpose varchar not null,
    legal_basis varchar not null,
    signals varchar[] not null,
    applications varchar[] not null,
    safeguards varchar[] not null,
    retention_days integer not null,
    valid_from date not null,
    valid_to date,                 -- the first day it is no longer in force; null: in force
    permits varchar[]              -- besides storing (lake/rules/notices.py); null: nothing
);

-- What people were told about policies: terms and text of each version (lake/rules/notices.py). About no person.
create table policy_notices (
    notice uuid not null,
    policy varchar not null,
    version integer not null,      -- of this policy's notices, from 1
    name varchar not null,
    purpose varchar not null,
    legal_basis varchar not null,
    signals varchar[] not null,
    applications varchar[] not null,
    safeguards varchar[] not null,
    retention_days integer not null,
    announced_at timestamp,        -- null: in force before notices were kept
    announced_by varchar not null, -- how, if the employer told people elsewhere; '': in this app
    told_from timestamp not null,  -- what is dated earlier isn't stored under these terms
    text varchar not null,         -- what people read; '' if announced_at is null
    permits varchar[]
);

-- Removed captures, and why. Counts only.
create table removals (
    removal uuid not null,
    subject uuid not null,
    removed_at timestamp not null,
    cause varchar not null,        -- retention | erasure | source: it has a newer version
    request uuid,                  -- the erasure request
    policy varchar not null,
    signal varchar not null,
    application varchar not null,
    first_day date not null,
    last_day date not null,
    events bigint not null
);

-- Standing rules "these captures are gone": hide at once, block re-ingestion.
-- A null list or bound does not restrict.
create table tombstones (
    tombstone uuid not null,
    subject uuid not null,
    request uuid not null,
    created_at timestamp not null,
    signals varchar[],
    applications varchar[],
    from_at timestamp,             -- inclusive
    until_at timestamp not null    -- exclusive; the year 9999: covers everything, and the request has not ended
);

-- Legal holds: captures that must not be removed for now.
create table holds (
    hold uuid not null,
    subject uuid not null,
    case_reference varchar not null,  -- how the employer files the case; never a description
    exception varchar not null,    -- the code of the exact legal exception, e.g. gdpr_17_3_e
    signals varchar[],
    applications varchar[],
    from_at timestamp,
    until_at timestamp,
    placed_at timestamp not null,
    review_on date not null,
    lifted_at timestamp
);

-- Standing rules of the person: an objection keeps captures out of training, a restriction also keeps them
-- from being removed when their retention is over. A null list or bound does not restrict.
create table standing_rules (
    rule uuid not null,
    subject uuid not null,
    request uuid not null,
    kind varchar not null,         -- objection | restriction | waiting
    signals varchar[],
    applications varchar[],
    from_at timestamp,             -- inclusive
    until_at timestamp,            -- exclusive
    created_at timestamp not null,
    ended_at timestamp
);

-- Whose name is masked in records of others that mention them, on request (lake/masking).
create table name_masks (
    rule uuid not null,
    subject uuid not null,         -- whose name
    request uuid not null,
    created_at timestamp not null,
    ended_at timestamp
);

-- Lineage: dataset version -> run -> model version -> descendants and deployments. Nothing here identifies a person;
-- names of datasets, models, jobs and recipients are those that the employer's tools gave them.
create table dataset_versions (
    dataset_version uuid not null,
    namespace varchar not null,    -- of the tool that names it, as in OpenLineage; open-book: made here
    dataset varchar not null,
    version varchar not null,      -- '': a run did not say which version it read
    purpose varchar,               -- as declared; null: none declared
    origin varchar not null,       -- open-book | openlineage | mlflow
    created_at timestamp not null,
    manifest_root varchar,         -- hex; null: known to be read, contents unknown
    people bigint                  -- of whom the manifest lists something
);

-- The manifests: the contents of each dataset version.
create table dataset_slices (
    dataset_version uuid not null,
    subject uuid not null,
    day date not null,
    signal varchar not null,
    application varchar not null,
    events bigint not null,
    digest blob not null,          -- SHA-256 over the ids of its captures: 16 bytes each, sorted; see choose_condensed.sql
    first_at timestamp not null,
    last_at timestamp not null
);
alter table dataset_slices set partitioned by (bucket(16, subject));
alter table dataset_slices set sorted by (subject, dataset_version, day);

-- The leaves of each manifest's tree, in order: hashes that reveal nothing about anyone.
create table dataset_leaves (
    dataset_version uuid not null,
    position bigint not null,      -- counted from 0
    person blob not null,          -- for this version only, so that versions can't be linked by it
    root blob not null             -- hides the root over the person's slices; in manifests before v2 it is that root
);
alter table dataset_leaves set sorted by (dataset_version, position);

create table model_versions (
    model_version uuid not null,
    model varchar not null,
    version varchar not null,
    purpose varchar,               -- null: not reported
    owner varchar,                 -- named recipient: team or vendor; null: not reported
    origin varchar not null,
    released_at timestamp not null,
    retired_at timestamp
);

create table runs (
    run uuid not null,
    origin varchar not null,
    job varchar not null,
    purpose varchar,               -- as the job declared it; null: none declared
    state varchar not null,        -- started | completed | failed
    started_at timestamp,
    ended_at timestamp,
    reported_at timestamp not null
);

-- What a run itself was reported to have read. One that names no dataset has no row: what it read is unknown.
create table run_inputs (
    run uuid not null,
    dataset_version uuid not null,
    part varchar                   -- which part of it, as the run reported; null: not reported
);

-- A run without a model is kept: it read for another reason.
create table run_outputs (
    run uuid not null,
    model_version uuid not null
);

-- Which runs belong together, and what else limits the evidence (lake/lineage/families.py).
create table run_parents (
    run uuid not null,
    parent uuid not null,
    own boolean not null           -- false: a service says so that did not report the parent
);

-- Every model version that a run names, whatever became of the run.
create table run_models (
    run uuid not null,
    model varchar not null,
    version varchar not null,      -- '': the row is about names alone
    relation varchar,              -- how what it made was made from this one; null: the run names it as made
    alias varchar not null         -- another name of the model; '': none
);

-- What a run read without proving anything: not for training, or one of several that it may have meant, or its root
-- was in the ledger only after the run began.
create table run_unproven (
    run uuid not null,
    dataset_version uuid not null,
    too_early boolean not null     -- the run began before the ledger had the root of its manifest
);

create table model_parents (
    model_version uuid not null,
    parent uuid not null,
    relation varchar not null      -- fine_tuned | distilled | derived
);

create table deployments (
    model_version uuid not null,
    place varchar not null,
    recipient varchar,             -- who has it there; null: not reported
    since timestamp not null,
    until timestamp                -- null: still there
);

-- Violations: a run read withdrawn captures, or read for another purpose than declared.
create table violations (
    violation uuid not null,
    kind varchar not null,         -- withdrawn | indirect | consent | purpose
    run uuid not null,
    dataset_version uuid not null,
    subject uuid,                  -- whom it concerns; null if no manifest says whom
    request uuid,                  -- whose tombstone or rule it is
    events bigint,
    found_at timestamp not null
);

-- Which of lake/migrations the lake has had; one that is made anew has had all.
create table migrations (
    number integer not null,
    migrated_at timestamp not null,
    goes_with integer              -- programs that know this one can go on; null: only those that know it itself
);
