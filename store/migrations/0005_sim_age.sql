-- +goose Up

-- A page far down the list of recycled SIMs, newest first, is found by walking this
-- index alone: the key's own index does not tell which records were deleted.
CREATE INDEX recycled_sim_age ON recycled_sim (id, deleted_at) WHERE deleted_at IS NULL;
