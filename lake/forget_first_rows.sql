-- Take the rows of nobody out again, in a transaction of its own: then their statistics stay.
delete from captures;
delete from capture_daily;
delete from batches;
delete from policies;
delete from removals;
delete from tombstones;
delete from holds;
delete from dataset_versions;
delete from dataset_slices;
delete from model_versions;
delete from training_runs;
