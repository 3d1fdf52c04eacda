-- Erasure requests that are worked on together. Times are naive UTC.
create or replace temp table asked (
    number integer,  -- 0 is the earliest
    request uuid,
    subject uuid,
    signals varchar[],
    applications varchar[],
    from_at timestamp,
    until_at timestamp,
    everything boolean,
    despite_holds boolean
)
