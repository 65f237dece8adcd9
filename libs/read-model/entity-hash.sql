-- The hash of each entity's stream up to the revision that a view has folded; unknown where that was before there were hashes.
ALTER TABLE read_model.entities ADD COLUMN hash text;
