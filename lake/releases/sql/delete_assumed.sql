-- Releases that a restore assumed after a backup was made.
delete from lost_releases where digest = '' and period <> '' and published_at > $made_at
